import type { ModelState } from '../../core/algorithm';
import type { StateReader } from '../../core/state-reader';
import { tensor } from '../../core/tensor';
import { planNetwork } from '../../nn/plan';
import { weightShapes } from '../../nn/weights';
import { MAX_AHEAD, networkFor, type Frame } from './frame';
import type { NetworkParts } from './model';
import type { Recipe } from './recipe';

const MAX_WINDOW = 20_160;
const MAX_SEASONS = 100;
const MAX_OTHERS = 1000;

/** A fitted network as plain data. */
export function packNetwork({ frame, scales, weights }: NetworkParts): ModelState {
  const { window, ahead, periods, others } = frame;
  return {
    scalars: { window, ahead, seasons: periods.length, others },
    tensors: {
      ...weights,
      // A tensor has at least one element; without a season it is not there.
      ...(periods.length > 0 && { periods: tensor(periods) }),
      centre: tensor(scales.centre),
      deviation: tensor(scales.deviation),
      change: tensor(Float64Array.of(scales.change)),
    },
  };
}

/** The inverse of `packNetwork`. @throws MlError `ARTIFACT` for a damaged state, or one of another recipe */
export function unpackNetwork(state: StateReader, recipe: Recipe): NetworkParts {
  const frame = unpackFrame(state);
  const shapes = weightShapes(planNetwork(networkFor(frame, recipe)));
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [name, tensor(state.tensor(name, Float32Array, length), shape)];
    }),
  );
  const positive = (value: number): boolean => value > 0 && value < Infinity;
  const scales = {
    centre: state.tensor('centre', Float64Array, 1 + frame.others),
    deviation: state.tensor('deviation', Float64Array, 1 + frame.others, positive),
    change: state.tensor('change', Float64Array, 1, positive)[0]!,
  };
  return { frame, scales, weights };
}

function unpackFrame(state: StateReader): Frame {
  const window = state.integer('window', 1, MAX_WINDOW);
  const ahead = state.integer('ahead', 1, MAX_AHEAD);
  const seasons = state.integer('seasons', 0, MAX_SEASONS);
  const others = state.integer('others', 0, MAX_OTHERS);
  const periods = seasons === 0 ? new Int32Array() : state.tensor('periods', Int32Array, seasons, (p) => p >= 2);
  return { window, ahead, periods, others };
}

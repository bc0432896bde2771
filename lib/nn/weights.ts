import { MlError } from '../core/errors';
import type { Random } from '../core/random';
import { tensor, type Tensor } from '../core/tensor';
import type { DenseShape, Plan, RecurrentShape } from './plan';

/**
 * A layer's weights by name, row-major and without padding, in the order of PyTorch's `weight_hh`, `weight_ih`, `bias`:
 * gates (input, forget, cell, output) or (reset, update, candidate). A GRU has a second bias, inside its reset gate.
 */
export type Weights = Readonly<Record<string, Tensor>>;

/** Copies a matrix into panels, or out of them. */
type Move = (panelIndex: number, tensorIndex: number) => void;

/** Walks over every weight of a layer that is not padding: its place in the panels, its tensor and its place there. */
function eachBlock(
  name: string,
  layer: RecurrentShape | DenseShape,
  visit: (tensorName: string, shape: readonly number[], cells: (move: Move) => void) => void,
): void {
  const { units, padded, inputs, paddedInputs, inner, offset } = layer;
  const place = (row: number, column: number): number => offset + (row >> 2) * inner * 4 + column * 4 + (row & 3);
  const block =
    (gates: readonly number[], firstColumn: number, columns: number) =>
    (move: Move): void => {
      gates.forEach((gate, index) => {
        for (let unit = 0; unit < units; unit++) {
          for (let column = 0; column < columns; column++) {
            move(place(gate * padded + unit, firstColumn + column), (index * units + unit) * columns + column);
          }
        }
      });
    };
  if (layer.kind === 'dense') {
    visit(`${name}.input`, [units, inputs], block([0], 0, inputs));
    visit(`${name}.bias`, [units], block([0], paddedInputs, 1));
    return;
  }
  const bias = padded + paddedInputs;
  const inputGates = layer.kind === 'lstm' ? [0, 1, 2, 3] : [0, 1, 2];
  const hiddenGates = layer.kind === 'lstm' ? [0, 1, 2, 3] : [0, 1, 3];
  visit(`${name}.hidden`, [hiddenGates.length * units, units], block(hiddenGates, 0, units));
  visit(`${name}.input`, [inputGates.length * units, inputs], block(inputGates, padded, inputs));
  visit(`${name}.bias`, [inputGates.length * units], block(inputGates, bias, 1));
  if (layer.kind === 'gru') visit(`${name}.hiddenBias`, [units], block([3], bias, 1));
}

function eachLayer(plan: Plan, visit: (name: string, layer: RecurrentShape | DenseShape) => void): void {
  [...plan.recurrent, ...plan.dense].forEach((layer, index) => {
    visit(`layer${index}`, layer);
  });
}

/** The tensors that a network's weights are made of, by name. */
export function weightShapes(plan: Plan): Readonly<Record<string, readonly number[]>> {
  const shapes: Record<string, readonly number[]> = {};
  eachLayer(plan, (name, layer) => {
    eachBlock(name, layer, (tensorName, shape) => {
      shapes[tensorName] = shape;
    });
  });
  return shapes;
}

/** Weights out of the parameter vector. */
export function unpackWeights(plan: Plan, parameters: Float32Array): Weights {
  const weights: Record<string, Tensor> = {};
  eachLayer(plan, (name, layer) => {
    eachBlock(name, layer, (tensorName, shape, cells) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      cells((from, to) => {
        data[to] = parameters[from]!;
      });
      weights[tensorName] = tensor(data, shape);
    });
  });
  return weights;
}

/**
 * Weights into the parameter vector; padding stays zero.
 * @throws MlError `ARTIFACT` where a tensor is missing or has another shape
 */
export function packWeights(plan: Plan, weights: Weights, parameters: Float32Array): void {
  eachLayer(plan, (name, layer) => {
    eachBlock(name, layer, (tensorName, shape, cells) => {
      const found = weights[tensorName];
      if (found?.shape.join() !== shape.join()) {
        const got = found === undefined ? 'none' : found.shape.join(' × ');
        throw new MlError(
          'ARTIFACT',
          `The network's ${tensorName} must have the shape ${shape.join(' × ')}, got ${got}.`,
        );
      }
      cells((to, from) => {
        parameters[to] = found.data[from]!;
      });
    });
  });
}

/**
 * Weights to start from: recurrent layers uniform in ±1/√units with the forget gate's bias at 1 (Jozefowicz 2015), dense
 * layers uniform in ±√(6 / (inputs + units)) (Glorot 2010) with zero bias.
 */
export function initialWeights(plan: Plan, random: Random): Weights {
  const weights: Record<string, Tensor> = {};
  eachLayer(plan, (name, layer) => {
    const bound = layer.kind === 'dense' ? Math.sqrt(6 / (layer.inputs + layer.units)) : 1 / Math.sqrt(layer.units);
    eachBlock(name, layer, (tensorName, shape) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (!/bias$/i.test(tensorName)) for (let i = 0; i < data.length; i++) data[i] = random.uniform(-bound, bound);
      else if (layer.kind === 'lstm') data.fill(1, layer.units, 2 * layer.units);
      weights[tensorName] = tensor(data, shape);
    });
  });
  return weights;
}

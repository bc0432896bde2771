import type { Detector, Explanation, ModelState, Run, WarmStart } from '../core/algorithm';
import { isMlError, MlError } from '../core/errors';
import type { ParamSpecs, ParamsOf } from '../core/params';
import { Random } from '../core/random';
import { StateReader } from '../core/state-reader';
import { mean, standardDeviation } from '../core/statistics';
import { columnOf, makeTable, rowOf, type Table } from '../core/table';
import { tensor } from '../core/tensor';
import { fitNetwork } from '../nn/fit';
import { Network } from '../nn/network';
import { planNetwork } from '../nn/plan';
import type { Samples } from '../nn/shard';
import type { NetworkSpec } from '../nn/spec';
import { weightShapes, type Weights } from '../nn/weights';
import { defineDetector } from './define';
import { checkRow, checkScoringTable } from './input';
import { windowOrder } from './lag-columns';

const ID = 'autoencoder';
const STATE_VERSION = 1;

const params = {
  network: {
    type: 'choice',
    default: 'dense',
    options: ['dense', 'lstm'],
    doc: 'dense looks at one row; lstm reads a window, made of lags of every field, step by step.',
  },
  code: {
    type: 'number',
    default: 0.5,
    min: 0.05,
    max: 0.95,
    doc: 'Size of the narrow middle, as a share of the features: smaller keeps only the strongest relations.',
  },
  epochs: { type: 'int', default: 60, min: 1, max: 2000, doc: 'Most passes over the training rows; it stops early.' },
  learningRate: { type: 'number', default: 0.005, min: 1e-6, max: 1, doc: 'Size of the first steps of learning.' },
} satisfies ParamSpecs;
type Params = ParamsOf<typeof params>;

/** Standardised values beyond this are cut off before they enter the network; their error is not. */
const LARGEST_INPUT = 20;
/** A residual is never taken to be finer than this share of its feature's deviation. */
const FINEST_RESIDUAL = 0.02;
/** What is left of the passes and of the learning rate for a network that starts from earlier weights. */
const WARM_EPOCHS = 1 / 4;
const WARM_RATE = 1 / 3;
/** Half-width of the expected range, in residual deviations. */
const REACH = 3;

/** Windows go in oldest step first; `order[i]` is the column that stands at place i. */
function networkFor(features: readonly string[], chosen: Params): { spec: NetworkSpec; order: readonly number[] } {
  const width = features.length;
  const code = Math.max(1, Math.round(chosen.code * width));
  const dense = (units: number, activation: 'tanh' | 'linear') => ({ kind: 'dense', units, activation }) as const;
  if (chosen.network === 'dense') {
    const hidden = Math.min(64, Math.max(8, 2 * width));
    const layers = [dense(hidden, 'tanh'), dense(code, 'tanh'), dense(hidden, 'tanh'), dense(width, 'linear')];
    return { spec: { steps: 1, inputs: width, layers }, order: features.map((_, column) => column) };
  }
  const { steps, order } = windowOrder(features);
  const units = Math.min(64, Math.max(8, code));
  const layers = [
    { kind: 'lstm', units, activation: 'tanh' } as const,
    dense(2 * units, 'tanh'),
    dense(width, 'linear'),
  ];
  return { spec: { steps, inputs: width / steps, layers }, order };
}

/** What the network and its surroundings need, one number a feature in the features' order. */
interface Scales {
  readonly centre: Float64Array;
  readonly deviation: Float64Array;
  /** Root mean square of what the network leaves unexplained, in deviations. */
  readonly residual: Float64Array;
}

/**
 * Squeezes a row through a narrow network and back; what comes out wrong does not fit what was learned together.
 * Raw score = root mean square over features of the reconstruction error, each in units of its usual error.
 */
class Autoencoder implements Detector {
  readonly #network: Network;
  readonly #order: readonly number[];

  constructor(
    readonly features: readonly string[],
    chosen: Params,
    readonly weights: Weights,
    private readonly scales: Scales,
  ) {
    const { spec, order } = networkFor(features, chosen);
    this.#order = order;
    this.#network = new Network(spec, weights);
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x);
    const width = this.features.length;
    const rebuilt = this.#rebuild(x);
    return Float64Array.from({ length: x.rows }, (_, r) => {
      let sum = 0;
      const row = rowOf(x, r);
      for (let c = 0; c < width; c++) sum += this.#error(row, rebuilt, r * width + c, c) ** 2;
      return Math.min(Math.sqrt(sum / width), Number.MAX_VALUE);
    });
  }

  /**
   * Shares go by squared errors, and the more the further out the value itself lies: a wrong value also spoils how the
   * network rebuilds those that are tied to it.
   */
  explain(row: Float64Array): Explanation {
    checkRow(this.features, row);
    const { centre, deviation, residual } = this.scales;
    const rebuilt = this.#rebuild(makeTable(this.features, row));
    const errors = row.map((value, c) => {
      const usual = Math.abs(value - centre[c]!) / deviation[c]!;
      return Math.abs(this.#error(row, rebuilt, c, c)) * Math.min(Math.max(1, usual), 1e100);
    });
    const worst = errors.reduce((a, b) => Math.max(a, b));
    const squares = errors.map((error) => (worst > 0 ? (error / worst) ** 2 : 1));
    const sum = squares.reduce((a, b) => a + b);
    const edge = (sign: number): Float64Array =>
      row.map((_, c) => centre[c]! + deviation[c]! * (rebuilt[c]! + sign * REACH * residual[c]!));
    return { shares: squares.map((square) => square / sum), low: edge(-1), high: edge(1) };
  }

  snapshot(): ModelState {
    const { centre, deviation, residual } = this.scales;
    const scales = { centre: tensor(centre), deviation: tensor(deviation), residual: tensor(residual) };
    return { scalars: { features: this.features }, tensors: { ...this.weights, ...scales } };
  }

  static restore(state: StateReader, chosen: Params): Autoencoder {
    const features = state.features();
    const shapes = weightShapes(planNetwork(networkFor(features, chosen).spec));
    const weights = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const length = shape.reduce((product, size) => product * size, 1);
        return [name, tensor(state.tensor(name, Float32Array, length), shape)];
      }),
    );
    const positive = (value: number): boolean => value > 0 && value < Infinity;
    return new Autoencoder(features, chosen, weights, {
      centre: state.tensor('centre', Float64Array, features.length),
      deviation: state.tensor('deviation', Float64Array, features.length, positive),
      residual: state.tensor('residual', Float64Array, features.length, positive),
    });
  }

  /** The standardised rows as the network gives them back, `rows × features` in the features' order. */
  #rebuild(x: Table): Float64Array {
    const inputs = standardised(x, this.scales, this.#order);
    const width = this.features.length;
    const offsets = Int32Array.from({ length: x.rows }, (_, r) => r * width);
    const network = this.#network;
    const given = x.rows === 1 ? network.predict(inputs) : network.predictAll(inputs, offsets);
    const rebuilt = new Float64Array(given.length);
    for (let r = 0; r < x.rows; r++)
      this.#order.forEach((c, place) => (rebuilt[r * width + c] = given[r * width + place]!));
    return rebuilt;
  }

  /** Error of feature c in units of its usual error; `rebuilt` in deviations, at `at`. */
  #error(row: Float64Array, rebuilt: Float64Array, at: number, c: number): number {
    const { centre, deviation, residual } = this.scales;
    const error = ((row[c]! - centre[c]!) / deviation[c]! - rebuilt[at]!) / residual[c]!;
    return Math.min(Math.max(error, -1e150), 1e150);
  }
}

/** Rows in deviations from the centre, columns in the network's order, extremes cut off. */
function standardised(
  x: Table,
  { centre, deviation }: Omit<Scales, 'residual'>,
  order: readonly number[],
): Float32Array {
  const width = x.columns.length;
  const out = new Float32Array(x.data.length);
  for (let r = 0; r < x.rows; r++) {
    order.forEach((c, place) => {
      const z = (x.data[r * width + c]! - centre[c]!) / deviation[c]!;
      out[r * width + place] = Math.min(Math.max(z, -LARGEST_INPUT), LARGEST_INPUT);
    });
  }
  return out;
}

/**
 * Every row twice: as it is, and with one number taken from another row, to be given back as it is. So the network learns
 * what each feature should be given the others, and the error of a faulty one stays its own (Vincent 2010).
 */
function denoising(clean: Float32Array, width: number, random: Random): Samples {
  const rows = clean.length / width;
  const inputs = new Float32Array(2 * clean.length);
  for (let r = 0; r < rows; r++) {
    const row = clean.subarray(r * width, (r + 1) * width);
    inputs.set(row, 2 * r * width);
    inputs.set(row, (2 * r + 1) * width);
    const column = random.below(width);
    inputs[(2 * r + 1) * width + column] = clean[random.below(rows) * width + column]!;
  }
  return {
    inputs,
    inputOffsets: Int32Array.from({ length: 2 * rows }, (_, i) => i * width),
    targets: clean,
    targetOffsets: Int32Array.from({ length: 2 * rows }, (_, i) => (i >> 1) * width),
  };
}

/** The weights of an earlier model of the same features and network; undefined: there are none, or it is another one. */
function earlierWeights(start: WarmStart | undefined, columns: readonly string[], chosen: Params): Weights | undefined {
  if (start?.stateVersion !== STATE_VERSION) return undefined;
  try {
    const earlier = Autoencoder.restore(new StateReader(ID, start.state), chosen);
    return earlier.features.join('\n') === columns.join('\n') ? earlier.weights : undefined;
  } catch (error) {
    // Lags that do not make a window are refused as data.
    if (isMlError(error, 'ARTIFACT') || isMlError(error, 'DATA')) return undefined;
    throw error;
  }
}

async function fit(x: Table, chosen: Params, run: Run): Promise<Autoencoder> {
  const width = x.columns.length;
  const { spec, order } = networkFor(x.columns, chosen);
  const centre = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let c = 0; c < width; c++) {
    const column = columnOf(x, c);
    centre[c] = mean(column);
    const spread = standardDeviation(column);
    // A constant feature gets 1 % of its value, or 0.01 where it is 0.
    deviation[c] = spread > 1e-9 * Math.abs(centre[c]!) ? spread : 0.01 * (Math.abs(centre[c]!) || 1);
    if (!Number.isFinite(centre[c]) || !Number.isFinite(deviation[c])) {
      throw new MlError('DATA', `"${x.columns[c]!}" has values too large to learn from; scale the field first.`);
    }
  }
  const clean = standardised(x, { centre, deviation }, order);
  const offsets = Int32Array.from({ length: x.rows }, (_, r) => r * width);
  const samples = denoising(clean, width, new Random(run.seed));
  const start = earlierWeights(run.start, x.columns, chosen);
  const { weights, history } = await fitNetwork(spec, samples, {
    epochs: start ? Math.ceil(chosen.epochs * WARM_EPOCHS) : chosen.epochs,
    batch: 32,
    loss: { kind: 'huber', parameter: 2 },
    rate: start ? chosen.learningRate * WARM_RATE : chosen.learningRate,
    schedule: 'cosine',
    clipNorm: 1,
    validationShare: 0.15,
    patience: 10,
    seed: run.seed,
    threads: run.threads ?? 1,
    ...(run.maxBytes !== undefined && { maxBytes: run.maxBytes }),
    ...(start && { start }),
    ...(run.signal && { signal: run.signal }),
    onEpoch: (report) => run.onProgress?.(report.epoch / report.epochs, report),
  });
  const { epoch, epochs } = history.at(-1)!;
  // Stopped early: there is nothing more to do.
  if (epoch < epochs) run.onProgress?.(1);
  const rebuilt = new Network(spec, weights).predictAll(clean, offsets);
  const residual = new Float64Array(width);
  for (let r = 0; r < x.rows; r++) {
    order.forEach(
      (c, place) => (residual[c]! += (clean[r * width + place]! - rebuilt[r * width + place]!) ** 2 / x.rows),
    );
  }
  for (let c = 0; c < width; c++) residual[c] = Math.max(Math.sqrt(residual[c]!), FINEST_RESIDUAL);
  return new Autoencoder([...x.columns], chosen, weights, { centre, deviation, residual });
}

/**
 * Neural network that learns how features go together. Wants a few hundred rows at the least, and features that do hang
 * together: where each goes its own way, a method per feature is as good and cheaper.
 */
export const autoencoder = defineDetector({
  id: ID,
  stateVersion: STATE_VERSION,
  title: 'Autoencoder (neural network)',
  summary: 'Learns how all features move together, curved relations included; a row that does not fit stands out.',
  reference:
    'M. Sakurada, T. Yairi: Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction. MLSDA 2014.',
  params,
  traits: { online: false, multivariate: true, allowsMissing: false, warmStart: true },
  testParams: { epochs: 15 },
  minRows: () => 50,
  fit,
  restore: (state, _version, chosen) => Autoencoder.restore(state, chosen),
});

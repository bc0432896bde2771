import type { Detector, Explanation, ModelState, Run } from '../core/algorithm';
import { MlError } from '../core/errors';
import type { StateReader } from '../core/state-reader';
import type { Table } from '../core/table';
import { tensor } from '../core/tensor';
import { defineDetector } from './define';
import { checkRow, checkScoringTable } from './input';
import { type DailyProfile, hourColumnsOf, levelsAt, SLOTS } from './mahalanobis/daily-profile';
import { CorrelationExplainer } from './mahalanobis/explain';
import { fitScales, logarithmOf } from './mahalanobis/fit';
import type { Scale, Scales } from './mahalanobis/normal';

/** Beyond, a model would be tens of megabytes, and a row would take milliseconds. */
const MAX_FEATURES = 512;
/** A value further away than this many deviations counts as so far, so that products of squares stay finite. */
const FURTHEST = 1e60;
/** Number of the scale of a feature that is not judged. */
const NO_SCALE = -1;

class Mahalanobis implements Detector {
  readonly #scales: readonly Scale[];
  readonly #floors: Float64Array;
  readonly #profile: DailyProfile | null;
  #explainers: readonly CorrelationExplainer[] | undefined;

  constructor(
    readonly features: readonly string[],
    { scales, floors, profile }: Scales,
  ) {
    this.#profile = profile;
    this.#scales = scales;
    this.#floors = floors;
  }

  score(x: Table): Float64Array {
    checkScoringTable(this.features, x, true);
    const width = this.features.length;
    const scores = new Float64Array(x.rows);
    for (let r = 0; r < x.rows; r++) {
      const { row } = this.#prepared(x.data.subarray(r * width, (r + 1) * width));
      let squares = 0;
      let judged = 0;
      for (const scale of this.#scales) {
        if (isMissing(row, scale)) continue;
        squares += squaredDistance(standardised(row, scale), scale.normal.whitening);
        judged += scale.columns.length;
      }
      scores[r] = judged > 0 ? Math.sqrt(squares / judged) : 0;
    }
    return scores;
  }

  explain(row: Float64Array): Explanation {
    checkRow(this.features, row, true);
    this.#explainers ??= this.#scales.map(({ columns, normal }) => {
      const features = columns.map((c) => this.features[c]!);
      return new CorrelationExplainer(features, normal);
    });
    const width = this.features.length;
    const [shares, low, high] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
    const { row: logged, levels } = this.#prepared(row);
    let sum = 0;
    this.#scales.forEach((scale, s) => {
      const z = standardised(logged, scale);
      const part = Float64Array.from(scale.columns, (c) => logged[c]!);
      const explained = this.#explainers![s]!.explain(part, z);
      const squares = squaredDistance(z, scale.normal.whitening);
      sum += squares;
      scale.columns.forEach((c, i) => {
        const level = levels?.[c] ?? 0;
        const unlogged = (value: number): number => (this.#floors[c]! > 0 ? Math.exp(value) : value);
        shares[c] = explained.shares[i]! * squares;
        low[c] = unlogged(explained.low[i]! + level);
        high[c] = unlogged(explained.high[i]! + level);
      });
    });
    // Sine and cosine of the time of day: any is usual.
    this.#profile?.columns.forEach((c) => ([low[c], high[c]] = [-1, 1]));
    const judged = width - (this.#profile?.columns.length ?? 0);
    const evenly = (c: number): number => (this.#profile?.columns.includes(c) ? 0 : 1 / judged);
    return { shares: shares.map((share, c) => (sum > 0 ? share / sum : evenly(c))), low, high };
  }

  snapshot(): ModelState {
    const { features } = this;
    const scales = new Int32Array(features.length).fill(NO_SCALE);
    const [centre, scale] = [new Float64Array(features.length), new Float64Array(features.length).fill(1)];
    this.#scales.forEach(({ columns, normal }, s) =>
      columns.forEach((c, i) => {
        scales[c] = s;
        centre[c] = normal.centre[i]!;
        scale[c] = normal.scale[i]!;
      }),
    );
    const whitening = Float64Array.from(this.#scales.flatMap(({ normal }) => [...normal.whitening]));
    return {
      scalars: { features, scales: [...scales] },
      tensors: {
        centre: tensor(centre),
        scale: tensor(scale),
        floors: tensor(this.#floors),
        whitening: tensor(whitening),
        ...(this.#profile && { profile: tensor(this.#profile.levels, [SLOTS, features.length]) }),
      },
    };
  }

  /** The row after logarithms, less what is usual at its time of day, and that. */
  #prepared(row: Float64Array): { readonly row: Float64Array; readonly levels: Float64Array | null } {
    const floors = this.#floors;
    const levels = this.#profile && levelsAt(this.#profile, row);
    const prepared = new Float64Array(row.length);
    for (let c = 0; c < row.length; c++) prepared[c] = logarithmOf(row[c]!, floors[c]!) - (levels?.[c] ?? 0);
    return { row: prepared, levels };
  }
}

/** True where nothing is known at this scale: its windows are not full yet. */
function isMissing(row: Float64Array, { columns }: Scale): boolean {
  for (let i = 0; i < columns.length; i++) if (!Number.isNaN(row[columns[i]!]!)) return false;
  return true;
}

/** A missing feature is as usual as can be. */
function standardised(row: Float64Array, { columns, normal: { centre, scale } }: Scale): Float64Array {
  const z = new Float64Array(columns.length);
  for (let i = 0; i < z.length; i++) {
    const deviation = (row[columns[i]!]! - centre[i]!) / scale[i]!;
    z[i] = Number.isNaN(deviation) ? 0 : Math.max(-FURTHEST, Math.min(FURTHEST, deviation));
  }
  return z;
}

/** @param z - standardised features; @param whitening - see `Normal` */
function squaredDistance(z: Float64Array, whitening: Float64Array): number {
  let squares = 0;
  for (let i = 0, w = 0; i < z.length; i++) {
    let white = 0;
    for (let j = 0; j <= i; j++, w++) white += whitening[w]! * z[j]!;
    squares += white * white;
  }
  return squares;
}

function fit(x: Table, run: Run): Mahalanobis {
  const { columns } = x;
  if (columns.length > MAX_FEATURES) {
    throw new MlError(
      'DATA',
      `mahalanobis can learn at most ${MAX_FEATURES} features, got ${columns.length}. Choose fewer fields or windows.`,
    );
  }
  return new Mahalanobis([...columns], fitScales(x, run));
}

/** The first state knew one scale, and no logarithms; the second took the time of day for features like the others. */
function restore(state: StateReader, stateVersion: number): Mahalanobis {
  const features = state.features();
  const width = features.length;
  const numbers = stateVersion === 1 ? features.map(() => 0) : state.integers('scales', NO_SCALE, width - 1);
  if (numbers.length !== width) state.fail('scales', `a list of ${width} integers`);
  const parts = [...new Set(numbers)].filter((part) => part !== NO_SCALE).sort((a, b) => a - b);
  const unjudged = numbers.flatMap((part, c) => (part === NO_SCALE ? [c] : []));
  const hours = unjudged.length > 0 ? hourColumnsOf(features) : null;
  if (parts.length === 0 || unjudged.some((c) => !hours?.includes(c))) state.fail('scales', 'one for each feature');
  const floors =
    stateVersion === 1
      ? new Float64Array(width)
      : state.tensor('floors', Float64Array, width, (value) => value >= 0 && value < Infinity);
  const centre = state.tensor('centre', Float64Array, width);
  const scale = state.tensor('scale', Float64Array, width, (value) => value > 0 && value < Infinity);
  const columnsOf = parts.map((part) => features.flatMap((_, c) => (numbers[c] === part ? [c] : [])));
  const cells = columnsOf.map(({ length }) => (length * (length + 1)) / 2);
  const allCells = cells.reduce((a, b) => a + b);
  const whitening = state.tensor('whitening', Float64Array, allCells);
  let from = 0;
  const scales = columnsOf.map((columns, s) => {
    const own = whitening.subarray(from, (from += cells[s]!));
    if (columns.some((_, i) => !(own[(i * (i + 3)) / 2]! > 0))) state.fail('whitening', 'positive on its diagonal');
    const pick = (values: Float64Array): Float64Array => Float64Array.from(columns, (c) => values[c]!);
    return { columns, normal: { centre: pick(centre), scale: pick(scale), whitening: own } };
  });
  const profile = hours && { columns: hours, levels: state.tensor('profile', Float64Array, SLOTS * width) };
  return new Mahalanobis(features, { floors, profile, scales });
}

/**
 * Mahalanobis distance, made for telemetry: the raw score is the root mean square of the features' deviations after
 * their correlations have been taken out; about 1 for a usual row.
 *
 * The correlation is shrunk towards none, the more the fewer rows there are for each feature, and the covariance is
 * widened by the drift that was seen while training, so that a slow drift in the same direction is no anomaly. Windows of
 * different lengths are different time scales: the features of one are judged together, and the squares of all are
 * added up. A window's deviation is looked at by its logarithm: half the usual unrest is as unusual as twice of it.
 * Where the time of day is among the features, for four nights at least, it is not judged: the others are, by how far
 * they are from what they usually are at that time.
 *
 * Fails where there are several operating states far apart: what lies between them is usual to it. Costs
 * features² / 2 multiplications a row, and rows × features² / 2 to fit.
 */
export const mahalanobis = defineDetector({
  id: 'mahalanobis',
  stateVersion: 3,
  title: 'Correlation distance (Mahalanobis)',
  summary: 'All features together: how far a row is from normal, given how the features usually move together.',
  reference: 'P. C. Mahalanobis: On the generalised distance in statistics. Proc. Nat. Inst. Sci. India 2, 1936.',
  params: {},
  traits: { online: false, multivariate: true, allowsMissing: true },
  testParams: {},
  // That of a root mean square of so many independent normal deviations.
  typicalExcess: (features) => 1 / (3 * Math.sqrt(features)),
  minRows: () => 10,
  fit: (x, _params, run) => fit(x, run),
  restore,
});

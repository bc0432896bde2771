import type { FeatureSpec, Pipeline, WindowStatistic } from '../core/pipeline';
import { hourAngle, weekdayAngle } from './calendar';
import { History, type WindowSummary } from './history';
import type { RowLayout } from './row-layout';
import { zoneOffset, type ZoneOffset } from './time-zone';

/** The windows of one length over one field: summed up together. */
interface WindowGroup {
  readonly history: number;
  readonly rows: number;
  readonly targets: readonly (readonly [column: number, statistic: WindowStatistic])[];
  readonly withDeviation: boolean;
}

interface PastFeature {
  readonly column: number;
  readonly history: number;
  /** Lag in rows. */
  readonly rows: number;
}

/** Which column of the output comes from where. */
export interface FeaturePlan {
  readonly width: number;
  readonly values: readonly (readonly [column: number, source: number])[];
  readonly windows: readonly WindowGroup[];
  readonly lags: readonly PastFeature[];
  readonly rates: readonly PastFeature[];
  readonly hours: readonly number[];
  readonly weekdays: readonly number[];
  readonly offset: ZoneOffset;
  /** Fields whose past is needed: where they stand in a row, and how many rows are kept. */
  readonly pasts: readonly { readonly field: string; readonly source: number; readonly depth: number }[];
  /** One entry a column: where the field stands in a row whose past the column needs; −1 where it needs none. */
  readonly pastSources: Int32Array;
}

/** @throws MlError `PARAMETER` for an unknown time zone */
export function featurePlan({ features, timeZone }: Pipeline, layout: RowLayout): FeaturePlan {
  const depths = new Map<string, number>();
  for (const feature of features) {
    const depth = depthOf(feature);
    if (depth > 0 && 'field' in feature) {
      depths.set(feature.field, Math.max(depth, depths.get(feature.field) ?? 0));
    }
  }
  const fields = [...depths.keys()];
  const pasts = fields.map((field) => ({ field, source: layout.columnOf(field), depth: depths.get(field)! }));
  const plan = {
    values: [] as [number, number][],
    lags: [] as PastFeature[],
    rates: [] as PastFeature[],
    hours: [] as number[],
    weekdays: [] as number[],
  };
  const windows = new Map<string, { history: number; rows: number; targets: [number, WindowStatistic][] }>();
  let column = 0;
  for (const feature of features) {
    const history = 'field' in feature ? fields.indexOf(feature.field) : -1;
    switch (feature.kind) {
      case 'value':
        plan.values.push([column, layout.columnOf(feature.field)]);
        break;
      case 'window': {
        const key = `${history} ${feature.rows}`;
        const group = windows.get(key) ?? { history, rows: feature.rows, targets: [] };
        group.targets.push([column, feature.statistic]);
        windows.set(key, group);
        break;
      }
      case 'lag':
        plan.lags.push({ column, history, rows: feature.rows });
        break;
      case 'rate':
        plan.rates.push({ column, history, rows: 1 });
        break;
      case 'hour-of-day':
        plan.hours.push(column);
        break;
      case 'day-of-week':
        plan.weekdays.push(column);
        break;
    }
    column += feature.kind === 'hour-of-day' || feature.kind === 'day-of-week' ? 2 : 1;
  }
  const pastSources = new Int32Array(column).fill(-1);
  const needsPast = (target: number, history: number): void => {
    pastSources[target] = pasts[history]!.source;
  };
  for (const { history, targets } of windows.values()) for (const [target] of targets) needsPast(target, history);
  for (const { column: target, history } of [...plan.lags, ...plan.rates]) needsPast(target, history);
  return {
    ...plan,
    width: column,
    windows: [...windows.values()].map((group) => ({
      ...group,
      withDeviation: group.targets.some(([, statistic]) => statistic === 'deviation'),
    })),
    offset: zoneOffset(timeZone),
    pasts,
    pastSources,
  };
}

/** Rows of its field's past that a feature needs, the current one included; 0: none. */
function depthOf(feature: FeatureSpec): number {
  if (feature.kind === 'window') return feature.rows;
  if (feature.kind === 'lag') return feature.rows + 1;
  return feature.kind === 'rate' ? 2 : 0;
}

/** Rows that came one after the other without a gap, and the features that the newest of them has. */
export class FeatureMaker {
  readonly #plan: FeaturePlan;
  readonly #histories: readonly History[];
  readonly #summary: WindowSummary = { mean: NaN, deviation: NaN, minimum: NaN, maximum: NaN };

  constructor(plan: FeaturePlan) {
    this.#plan = plan;
    this.#histories = plan.pasts.map(({ depth }) => new History(depth));
  }

  /** Forgets the past: what follows comes after a gap. */
  clear(): void {
    for (const history of this.#histories) history.clear();
  }

  /**
   * Takes a row in and writes its features.
   * @param row - values as the layout places them, NaN where missing
   * @param elapsedMs - since the row before
   * @returns one number a feature column, NaN where missing
   */
  next(row: Float64Array, timestampMs: number, elapsedMs: number): Float64Array {
    const { width, pasts, values, windows, lags, rates, hours, weekdays, offset } = this.#plan;
    const histories = this.#histories;
    const summary = this.#summary;
    for (let i = 0; i < pasts.length; i++) histories[i]!.push(row[pasts[i]!.source]!);
    const out = new Float64Array(width);
    for (const [column, source] of values) out[column] = row[source]!;
    for (const { history, rows, targets, withDeviation } of windows) {
      histories[history]!.summarize(rows, summary, withDeviation);
      for (const [column, statistic] of targets) out[column] = summary[statistic];
    }
    for (const { column, history, rows } of lags) out[column] = histories[history]!.back(rows);
    for (const { column, history } of rates) {
      const past = histories[history]!;
      out[column] = elapsedMs > 0 ? ((past.back(0) - past.back(1)) * 1000) / elapsedMs : NaN;
    }
    for (const column of hours) setCircle(out, column, hourAngle(timestampMs, offset));
    for (const column of weekdays) setCircle(out, column, weekdayAngle(timestampMs, offset));
    return out;
  }

  /** Rows taken in since the past was forgotten, as far as features reach back; at least 1. */
  get past(): number {
    return this.#histories.reduce((most, { length }) => Math.max(most, length), 1);
  }

  /** One list a field whose past is kept, oldest first. */
  snapshot(): (number | null)[][] {
    return this.#histories.map((history) => history.snapshot());
  }

  restore(snapshot: readonly (readonly (number | null)[])[]): void {
    snapshot.forEach((values, i) => {
      for (const value of values) this.#histories[i]?.push(value ?? NaN);
    });
  }
}

function setCircle(out: Float64Array, column: number, angle: number): void {
  out[column] = Math.sin(angle);
  out[column + 1] = Math.cos(angle);
}

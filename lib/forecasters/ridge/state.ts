import type { ModelState } from '../../core/algorithm';
import type { StateReader } from '../../core/state-reader';
import { tensor } from '../../core/tensor';
import type { LagColumn } from './lag-columns';
import type { RidgeParts } from './model';
import type { Profile } from './profile';
import { CalendarTerms } from './season';

const MAX_PERIOD = 10_000_000;
const MAX_SERIES = 1000;
const MAX_COLUMNS = 100_000;
const MAX_STEPS = 100_000;
const MAX_LAG = 20_160;

/** A fitted ridge as plain data. Tensors that would be empty are left out. */
export function packRidge({ season, centres, scales, profiles, levels, model, steps }: RidgeParts): ModelState {
  const { columns } = model;
  return {
    scalars: {
      day: season.day,
      week: season.week,
      series: centres.length,
      columns: columns.length,
      terms: model.terms > 0 ? 1 : 0,
      profiles: profiles.length > 0 ? 1 : 0,
      weekProfiles: profiles.some(({ week }) => week.length > 0) ? 1 : 0,
      steps: steps.length,
    },
    tensors: {
      centres: tensor(centres),
      scales: tensor(scales),
      levels: tensor(levels),
      columnSeries: tensor(Uint32Array.from(columns, ({ series }) => series)),
      columnNear: tensor(Uint32Array.from(columns, ({ near }) => near)),
      columnFar: tensor(Uint32Array.from(columns, ({ far }) => far)),
      coefficients: tensor(model.coefficients, [columns.length + model.terms, model.outputs]),
      intercepts: tensor(model.intercepts),
      ...packProfiles(profiles),
      ...(steps.length > 0 ? { steps: tensor(steps) } : {}),
    },
  };
}

function packProfiles(profiles: readonly Profile[]): ModelState['tensors'] {
  if (profiles.length === 0) return {};
  const stack = (parts: readonly Float64Array[]): Float64Array => {
    const length = parts[0]!.length;
    const out = new Float64Array(parts.length * length);
    parts.forEach((part, s) => out.set(part, s * length));
    return out;
  };
  const [days, weeks] = [profiles.map(({ day }) => day), profiles.map(({ week }) => week)];
  const day = tensor(stack(days), [profiles.length, days[0]!.length]);
  if (weeks[0]!.length === 0) return { dayProfiles: day };
  return { dayProfiles: day, weekProfiles: tensor(stack(weeks), [profiles.length, weeks[0]!.length]) };
}

/** The inverse of `packRidge`. @throws MlError `ARTIFACT` for a damaged state */
export function unpackRidge(state: StateReader): RidgeParts {
  const day = state.integer('day', 0, MAX_PERIOD);
  const week = state.integer('week', 0, 7 * MAX_PERIOD);
  const season = { day, week };
  const series = state.integer('series', 1, MAX_SERIES);
  const columnCount = state.integer('columns', 1, MAX_COLUMNS);
  const stepCount = state.integer('steps', 0, MAX_STEPS);
  const terms = state.integer('terms', 0, 1) === 1 ? new CalendarTerms(season).count : 0;
  const outputs = stepCount > 0 ? stepCount : series;
  const numbers = (name: string, length: number): Float64Array => state.tensor(name, Float64Array, length);
  return {
    season,
    centres: numbers('centres', series),
    scales: state.tensor('scales', Float64Array, series, (value) => value > 0 && Number.isFinite(value)),
    profiles: unpackProfiles(state, season, series),
    levels: numbers('levels', 2),
    model: {
      columns: unpackColumns(state, columnCount, series),
      terms,
      outputs,
      coefficients: numbers('coefficients', (columnCount + terms) * outputs),
      intercepts: numbers('intercepts', outputs),
    },
    steps: unpackSteps(state, stepCount),
  };
}

function unpackColumns(state: StateReader, count: number, series: number): LagColumn[] {
  const whole = (name: string, min: number, max: number): Uint32Array =>
    state.tensor(name, Uint32Array, count, (value) => value >= min && value <= max);
  const of = whole('columnSeries', 0, series - 1);
  const near = whole('columnNear', 1, MAX_LAG);
  const far = whole('columnFar', 1, MAX_LAG);
  return Array.from(of, (s, i) => {
    if (far[i]! < near[i]!) state.fail('columnFar', 'at least columnNear everywhere');
    return { series: s, near: near[i]!, far: far[i]! };
  });
}

function unpackProfiles(state: StateReader, { day, week }: RidgeParts['season'], series: number): Profile[] {
  const weekLength = state.integer('weekProfiles', 0, 1) === 1 ? week : 0;
  if (state.integer('profiles', 0, 1) === 0) return [];
  if (day === 0) state.fail('day', 'the length of the profiles');
  const days = state.tensor('dayProfiles', Float64Array, series * day);
  const weeks = weekLength > 0 ? state.tensor('weekProfiles', Float64Array, series * weekLength) : new Float64Array(0);
  return Array.from({ length: series }, (_, s) => ({
    day: days.subarray(s * day, (s + 1) * day),
    week: weeks.subarray(s * weekLength, (s + 1) * weekLength),
  }));
}

function unpackSteps(state: StateReader, count: number): Uint32Array {
  if (count === 0) return new Uint32Array(0);
  const steps = state.tensor('steps', Uint32Array, count, (value) => value < MAX_STEPS);
  const rises = steps[0] === 0 && steps.every((step, i) => i === 0 || step > steps[i - 1]!);
  return rises ? steps : state.fail('steps', 'rising from 0');
}

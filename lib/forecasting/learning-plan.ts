import type { SeriesPlan } from '../core/artifact';
import type { ReadingTable } from '../core/readings';
import { regularGrid } from '../readings/regular-grid';
import { selectFields } from '../readings/select-fields';
import { defaultFillMs } from '../readings/series-plan';

export interface LearningPlanSettings {
  /** The field to forecast; empty: the first numeric one. */
  readonly field: string;
  /** Absent: found in the data. */
  readonly stepMs?: number;
  /** How far ahead is asked for; null: as far as steps go. */
  readonly horizonMs: number | null;
  /** IANA name. */
  readonly timeZone: string;
}

/** A series that is learned as it goes, and what should be known about the choice. */
export interface LearningPlan {
  readonly plan: SeriesPlan;
  readonly note: string | null;
}

/** Readings that say how often they come, and which fields there are. */
export const PLANNING_ROWS = 20;
/** A forecast of more steps tells a person nothing more: a day of minutes. */
export const MOST_STEPS = 1440;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Steps that people use; longer ones are whole days. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 20, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12, 24].map((hours) => hours * HOUR_MS),
];

/**
 * Decides from a device's first readings which field is forecast, and on which grid. Where the horizon would take too
 * many steps of the readings' own, the grid is coarser.
 * @throws MlError as `regularGrid`
 */
export function planLearning(table: ReadingTable, settings: LearningPlanSettings): LearningPlan {
  const { timeZone } = settings;
  const { field, note } = fieldOf(table, settings.field);
  const { plan } = regularGrid(table, { field, timeZone });
  // A few readings may all lie within one step of a grid that is wanted.
  const stepMs = settings.stepMs ?? coarserStep(plan.stepMs, settings.horizonMs) ?? plan.stepMs;
  return { plan: { ...plan, stepMs, fillMs: defaultFillMs(stepMs) }, note };
}

function fieldOf(table: ReadingTable, given: string): { readonly field: string; readonly note: string | null } {
  if (given !== '') return { field: given, note: null };
  const { fields } = selectFields([table]);
  const [first = ''] = fields;
  if (fields.length < 2) return { field: first, note: null };
  return { field: first, note: `No field was chosen: ${first} is forecast, the first of ${fields.length}.` };
}

/** Null: the readings' own. */
function coarserStep(ownMs: number, horizonMs: number | null): number | null {
  if (horizonMs === null || ownMs * MOST_STEPS >= horizonMs) return null;
  const leastMs = horizonMs / MOST_STEPS;
  return STEPS_MS.find((stepMs) => stepMs >= leastMs) ?? Math.ceil(leastMs / (24 * HOUR_MS)) * 24 * HOUR_MS;
}

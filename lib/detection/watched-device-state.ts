import type { ModelReference } from '../core/events';
import type { Json, JsonObject } from '../core/json';
import { boolean, either, integer, list, nothing, number, object, oneOf, type Shape, text } from '../core/shape';
import type { AlarmState, Episode, OpenAlarm, Streak, WorstReading } from './alarm-state';
import type { Contribution } from './anomaly';
import type { Presence } from './no-data';
import type { MovedField } from './onset';

/** What of a device has to survive a restart, whatever judges it. */
export interface SavedDevice {
  readonly alarm: AlarmState;
  readonly presence: Presence | null;
  readonly model: ModelReference;
}

/** Field names come from outside: as members of an object one of them could be `__proto__`. */
type SavedWorst = Omit<WorstReading, 'reading'> & { readonly reading: readonly (readonly [string, number])[] };
type SavedEpisode = Omit<Episode, 'worst'> & { readonly worst: SavedWorst };

/** As plain JSON. */
export function saveDevice({ alarm, presence, model }: SavedDevice): JsonObject {
  const saved =
    alarm === null ? null : { ...alarm, worst: { ...alarm.worst, reading: Object.entries(alarm.worst.reading) } };
  return { alarm: saved, presence, model } as unknown as JsonObject;
}

/** @throws MlError `ARTIFACT` where the state is damaged */
export function loadDevice(given: JsonObject): SavedDevice {
  const state = upToDate(given);
  shape(state, 'alarm state');
  const saved = state as unknown as Omit<SavedDevice, 'alarm'> & { readonly alarm: SavedEpisode | null };
  const { alarm, presence, model } = saved;
  if (alarm === null) return { alarm, presence, model };
  const { worst } = alarm;
  return { alarm: { ...alarm, worst: { ...worst, reading: Object.fromEntries(worst.reading) } }, presence, model };
}

/** States of earlier releases counted without times, and knew neither latch nor escalation, nor in which order fields move. */
function upToDate(state: JsonObject): JsonObject {
  const { alarm: episode } = state;
  if (!isObject(episode)) return state;
  const { alarm: open } = episode;
  if (typeof episode.anomalous !== 'number') {
    return isObject(open) ? { ...state, alarm: { ...episode, alarm: { order: [], ...open } } } : state;
  }
  const { since, normalSince, alarm, anomalous, critical, uncritical, normal, ...others } = episode;
  const streak = (count: Json | undefined, from: Json | undefined): Json =>
    count === 0 ? null : { count: count ?? null, since: from ?? null };
  return {
    ...state,
    alarm: {
      ...others,
      since: since ?? null,
      alarm: isObject(alarm) ? { escalated: false, returned: null, order: [], ...alarm } : null,
      anomalous: streak(anomalous, since),
      critical: streak(critical, since),
      uncritical: streak(uncritical, since),
      normal: streak(normal, normalSince),
    },
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of exactly these. */
function tuple(...items: readonly Shape[]): Shape {
  const all = list(() => undefined, items.length);
  return (value, path) => {
    all(value, path);
    items.forEach((item, i) => item((value as readonly unknown[])[i], `${path}[${i}]`));
  };
}

const orNull = (expected: string, shape: Shape): Shape => either(`${expected} or null`, shape, nothing);
const count = integer(0);
const streak = orNull('a streak of readings', object<Streak>({ count: integer(1), since: text(1) }));
const model = object<ModelReference>({ name: text(), version: count, algorithm: text() });
const shape = object<SavedDevice>({
  alarm: orNull(
    'an alarm',
    object<SavedEpisode>({
      since: text(),
      worst: object<SavedWorst>({
        score: number(0, 1),
        reading: list(tuple(text(), number())),
        contributions: list(
          object<Contribution>({
            feature: text(),
            value: number(),
            expected: tuple(number(), number()),
            share: number(0, 1),
          }),
        ),
      }),
      alarm: orNull(
        'an open alarm',
        object<OpenAlarm>({
          id: text(1),
          device: text(),
          model,
          severity: oneOf('warning', 'critical'),
          acknowledged: boolean,
          escalated: boolean,
          returned: orNull('a time', text(1)),
          order: list(object<MovedField>({ feature: text(), since: text(1) })),
        }),
      ),
      anomalous: streak,
      critical: streak,
      uncritical: streak,
      normal: streak,
    }),
  ),
  presence: orNull('a presence', object<Presence>({ lastSeenMs: number(), silence: orNull('an id', text(1)) })),
  model,
});

import type { AlarmState, Episode, OpenAlarm, Streak, WorstReading } from './alarm-state';
import { changedText, clearedText, raisedText } from './alarm-text';
import type { Anomaly } from './anomaly';
import type { AlarmEvent } from './events';
import type { MovedField } from './onset';
import { DEFAULT_CRITICAL_SCORE } from './score';

/** How verdicts become an alarm, in the words of ISA-18.2 (ANSI/ISA-18.2-2016). */
export interface AlarmSettings {
  /** On-delay: readings in a row that make things worse: anomalous ones raise an alarm, critical ones make it critical. */
  readonly raiseAfter: number;
  /** The on-delay as a time: the row lasts at least so long, ms. */
  readonly onDelayMs: number;
  /** Off-delay: readings in a row that make things better: normal ones clear an alarm, ones that are not critical make it a warning. */
  readonly clearAfter: number;
  /** The off-delay as a time, ms. */
  readonly offDelayMs: number;
  /** Dead-band: once an alarm is raised, only a score so far below the threshold is normal, and one so far below the critical score no longer critical. */
  readonly deadBand: number;
  /** True: an alarm that is over stays until it is acknowledged. */
  readonly latch: boolean;
  /** A warning that nobody acknowledges for so long becomes critical, ms; null: it does not. */
  readonly escalateAfterMs: number | null;
  /** Score from which a reading is critical. */
  readonly criticalScore: number;
}

export const ALARM_DEFAULTS: AlarmSettings = {
  raiseAfter: 3,
  onDelayMs: 0,
  clearAfter: 5,
  offDelayMs: 0,
  deadBand: 0.05,
  latch: false,
  escalateAfterMs: null,
  criticalScore: DEFAULT_CRITICAL_SCORE,
};

export interface AlarmStep {
  readonly state: AlarmState;
  readonly events: readonly AlarmEvent[];
}

const NOTHING: AlarmStep = { state: null, events: [] };

/**
 * Takes one verdict into account: what the alarm is afterwards, and which event that makes, if any.
 * Verdicts must come in time order; `unknown` ones change nothing, late ones must not be passed in.
 * @param reading - the values judged, for the event
 * @param moved - which fields began to move, and when; asked where an alarm is raised
 */
export function stepAlarm(
  state: AlarmState,
  anomaly: Anomaly,
  reading: ReadonlyMap<string, number>,
  settings: AlarmSettings,
  moved: (worst: WorstReading) => readonly MovedField[] = () => [],
): AlarmStep {
  if (anomaly.score === null || anomaly.severity === 'unknown') return { state, events: [] };
  if (!anomaly.isAnomaly && !state?.alarm) return NOTHING;

  const episode = extend(state, anomaly, anomaly.score, reading, settings);
  const { alarm } = episode;
  const { timestamp } = anomaly;
  const lasts = (streak: Streak | null, readings: number, ms: number): boolean =>
    streak !== null && streak.count >= readings && Date.parse(timestamp) - Date.parse(streak.since) >= ms;
  const isWorse = (streak: Streak | null): boolean => lasts(streak, settings.raiseAfter, settings.onDelayMs);
  const isBetter = (streak: Streak | null): boolean => lasts(streak, settings.clearAfter, settings.offDelayMs);

  if (alarm === null) {
    if (!isWorse(episode.anomalous)) return { state: episode, events: [] };
    return raise(episode, anomaly, isWorse(episode.critical) ? 'critical' : 'warning', moved(episode.worst));
  }
  if (alarm.returned !== null) {
    if (!isWorse(episode.anomalous)) return { state: episode, events: [] };
    return change(episode, { ...alarm, returned: null, model: anomaly.model });
  }
  if (isBetter(episode.normal)) {
    const until = episode.normal?.since ?? timestamp;
    if (settings.latch && !alarm.acknowledged) return change(episode, { ...alarm, returned: until });
    return { state: null, events: [clearedEvent(episode, alarm, until)] };
  }
  if (alarm.severity === 'warning') {
    // What a person acknowledged was a warning: the worse state asks for attention anew.
    if (isWorse(episode.critical)) {
      return change(episode, { ...alarm, severity: 'critical', acknowledged: false, model: anomaly.model });
    }
    if (isOverdue(alarm, episode.since, timestamp, settings)) {
      return change(episode, { ...alarm, severity: 'critical', escalated: true });
    }
  } else if (!alarm.escalated && isBetter(episode.uncritical)) {
    return change(episode, { ...alarm, severity: 'warning', model: anomaly.model });
  }
  return { state: episode, events: [] };
}

/**
 * A person has seen the alarm: one that is over ends with it. Nothing happens where none is open or it was acknowledged
 * before.
 */
export function acknowledgeAlarm(state: AlarmState): AlarmStep {
  if (!state?.alarm || state.alarm.acknowledged) return { state, events: [] };
  const alarm = { ...state.alarm, acknowledged: true };
  if (alarm.returned === null) return change(state, alarm);
  return { state: null, events: [clearedEvent(state, alarm, alarm.returned)] };
}

/** Ends an open alarm by hand. @param until - ISO 8601, UTC */
export function endAlarm(state: AlarmState, until: string): AlarmStep {
  if (!state?.alarm) return NOTHING;
  return { state: null, events: [clearedEvent(state, state.alarm, state.alarm.returned ?? until)] };
}

function isOverdue(alarm: OpenAlarm, since: string, now: string, { escalateAfterMs }: AlarmSettings): boolean {
  if (escalateAfterMs === null || alarm.acknowledged) return false;
  return Date.parse(now) - Date.parse(since) >= escalateAfterMs;
}

function extend(
  before: AlarmState,
  anomaly: Anomaly,
  score: number,
  reading: ReadonlyMap<string, number>,
  { deadBand, criticalScore }: AlarmSettings,
): Episode {
  const { isAnomaly, timestamp } = anomaly;
  const isCritical = anomaly.severity === 'critical';
  const isUncritical = !isAnomaly || (!isCritical && score < criticalScore - deadBand);
  const isNormal = !isAnomaly && (!before?.alarm || score < anomaly.threshold - deadBand);
  const streak = (goesOn: boolean, last: Streak | null | undefined): Streak | null =>
    goesOn ? { count: (last?.count ?? 0) + 1, since: last?.since ?? timestamp } : null;
  const worst =
    before === null || score > before.worst.score
      ? { score, reading: Object.fromEntries(reading), contributions: anomaly.contributions }
      : before.worst;
  return {
    since: before?.since ?? timestamp,
    worst,
    alarm: before?.alarm ?? null,
    anomalous: streak(isAnomaly, before?.anomalous),
    critical: streak(isCritical, before?.critical),
    uncritical: streak(isUncritical, before?.uncritical),
    normal: streak(isNormal, before?.normal),
  };
}

function raise(
  episode: Episode,
  { device, model }: Anomaly,
  severity: OpenAlarm['severity'],
  order: OpenAlarm['order'],
): AlarmStep {
  const alarm: OpenAlarm = {
    id: `${model.name}/${device}/${episode.since}`,
    device,
    model,
    severity,
    acknowledged: false,
    escalated: false,
    returned: null,
    order,
  };
  const event: AlarmEvent = { type: 'raised', text: raisedText(episode, alarm), ...details(episode, alarm) };
  return { state: { ...episode, alarm }, events: [event] };
}

function change(episode: Episode, alarm: OpenAlarm): AlarmStep {
  const event: AlarmEvent = { type: 'changed', text: changedText(episode, alarm), ...details(episode, alarm) };
  return { state: { ...episode, alarm }, events: [event] };
}

function clearedEvent(episode: Episode, alarm: OpenAlarm, until: string): AlarmEvent {
  return {
    type: 'cleared',
    text: clearedText(episode, alarm, until),
    ...details(episode, alarm),
    severity: 'normal',
    state: 'normal',
    until,
  };
}

/** What follows an event's type and text, which stand first where a person looks at it. */
function details(episode: Episode, alarm: OpenAlarm): Omit<AlarmEvent, 'type' | 'text'> {
  const { returned, acknowledged } = alarm;
  const raised = acknowledged ? 'acknowledged' : 'unacknowledged';
  return {
    id: alarm.id,
    device: alarm.device,
    model: alarm.model,
    severity: alarm.severity,
    state: returned === null ? raised : 'returned',
    since: episode.since,
    ...(returned !== null && { until: returned }),
    peakScore: episode.worst.score,
    reading: episode.worst.reading,
    contributions: episode.worst.contributions,
    order: alarm.order,
    acknowledged,
  };
}

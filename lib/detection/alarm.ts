import type { AlarmState, Episode, OpenAlarm } from './alarm-state';
import { changedText, clearedText, raisedText } from './alarm-text';
import type { Anomaly } from './anomaly';
import type { AlarmEvent } from './events';

export interface AlarmSettings {
  /** Readings in a row that make things worse: anomalous ones raise an alarm, critical ones make it critical. */
  readonly raiseAfter: number;
  /** Readings in a row that make things better: normal ones clear an alarm, ones that are not critical make it a warning. */
  readonly clearAfter: number;
}

export interface AlarmStep {
  readonly state: AlarmState;
  readonly events: readonly AlarmEvent[];
}

const NOTHING: AlarmStep = { state: null, events: [] };

/**
 * Takes one verdict into account: what the alarm is afterwards, and which event that makes, if any.
 * Verdicts must come in time order; `unknown` ones change nothing, late ones must not be passed in.
 * @param reading - the values judged, for the event
 */
export function stepAlarm(
  state: AlarmState,
  anomaly: Anomaly,
  reading: ReadonlyMap<string, number>,
  settings: AlarmSettings,
): AlarmStep {
  if (anomaly.score === null || anomaly.severity === 'unknown') return { state, events: [] };
  if (!anomaly.isAnomaly && !state?.alarm) return NOTHING;

  const episode = extend(state, anomaly, anomaly.score, reading);
  const { alarm } = episode;
  if (alarm === null) {
    return episode.anomalous >= settings.raiseAfter
      ? raise(episode, anomaly, settings)
      : { state: episode, events: [] };
  }
  if (episode.normal >= settings.clearAfter) {
    return { state: null, events: [clearedEvent(episode, alarm, episode.normalSince ?? anomaly.timestamp)] };
  }
  if (alarm.severity === 'warning' && episode.critical >= settings.raiseAfter) {
    // What a person acknowledged was a warning: the worse state asks for attention anew.
    return change(episode, { ...alarm, severity: 'critical', acknowledged: false, model: anomaly.model });
  }
  if (alarm.severity === 'critical' && episode.uncritical >= settings.clearAfter) {
    return change(episode, { ...alarm, severity: 'warning', model: anomaly.model });
  }
  return { state: episode, events: [] };
}

/** A person has seen the alarm; nothing happens where none is open or it was acknowledged before. */
export function acknowledgeAlarm(state: AlarmState): AlarmStep {
  if (!state?.alarm || state.alarm.acknowledged) return { state, events: [] };
  return change(state, { ...state.alarm, acknowledged: true });
}

/** Ends an open alarm by hand. @param until - ISO 8601, UTC */
export function endAlarm(state: AlarmState, until: string): AlarmStep {
  if (!state?.alarm) return NOTHING;
  return { state: null, events: [clearedEvent(state, state.alarm, until)] };
}

function extend(before: AlarmState, anomaly: Anomaly, score: number, reading: ReadonlyMap<string, number>): Episode {
  const isCritical = anomaly.severity === 'critical';
  const worst =
    before === null || score > before.worst.score
      ? { score, reading: Object.fromEntries(reading), contributions: anomaly.contributions }
      : before.worst;
  return {
    since: before?.since ?? anomaly.timestamp,
    worst,
    alarm: before?.alarm ?? null,
    anomalous: anomaly.isAnomaly ? (before?.anomalous ?? 0) + 1 : 0,
    critical: isCritical ? (before?.critical ?? 0) + 1 : 0,
    uncritical: isCritical ? 0 : (before?.uncritical ?? 0) + 1,
    normal: anomaly.isAnomaly ? 0 : (before?.normal ?? 0) + 1,
    normalSince: anomaly.isAnomaly ? null : (before?.normalSince ?? anomaly.timestamp),
  };
}

function raise(episode: Episode, anomaly: Anomaly, settings: AlarmSettings): AlarmStep {
  const { device, model } = anomaly;
  const alarm: OpenAlarm = {
    id: `${model.name}/${device}/${episode.since}`,
    device,
    model,
    severity: episode.critical >= settings.raiseAfter ? 'critical' : 'warning',
    acknowledged: false,
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
    until,
  };
}

/** What follows an event's type and text, which stand first where a person looks at it. */
function details(episode: Episode, alarm: OpenAlarm): Omit<AlarmEvent, 'type' | 'text'> {
  return {
    id: alarm.id,
    device: alarm.device,
    model: alarm.model,
    severity: alarm.severity,
    since: episode.since,
    peakScore: episode.worst.score,
    reading: episode.worst.reading,
    contributions: episode.worst.contributions,
    acknowledged: alarm.acknowledged,
  };
}

import type { ModelReference } from '../core/events';
import type { NoDataEvent } from './events';
import { durationText, timeText } from '../readings/plain-words';

/** When a device was last heard, by the receiver's clock; plain data that survives JSON unchanged. */
export interface Presence {
  /** Epoch ms. */
  readonly lastSeenMs: number;
  /** Id of the open `no-data`, null while data comes. */
  readonly silence: string | null;
}

export interface PresenceStep {
  readonly presence: Presence;
  readonly event: NoDataEvent | null;
}

/** Who is silent, for the event. */
export interface Sender {
  readonly device: string;
  readonly model: ModelReference;
}

/** A message of the device has come: ends a silence. */
export function heard(before: Presence | null, nowMs: number, sender: Sender): PresenceStep {
  const presence = { lastSeenMs: nowMs, silence: null };
  if (!before?.silence) return { presence, event: null };
  const since = isoTime(before.lastSeenMs);
  const until = isoTime(nowMs);
  const lasted = durationText(nowMs - before.lastSeenMs);
  const text = `${sender.device}: sends again since ${timeText(until)}, after ${lasted} without data.`;
  return {
    presence,
    event: { type: 'cleared', text, ...sender, id: before.silence, severity: 'normal', since, until },
  };
}

/** Looks whether a device has been silent for too long: once per silence there is an event. */
export function checkSilence(before: Presence, nowMs: number, noDataMs: number, sender: Sender): PresenceStep {
  if (before.silence !== null || nowMs - before.lastSeenMs < noDataMs) return { presence: before, event: null };
  const since = isoTime(before.lastSeenMs);
  const id = `${sender.model.name}/${sender.device}/no-data/${since}`;
  const text = `${sender.device}: no data since ${timeText(since)}.`;
  return {
    presence: { ...before, silence: id },
    event: { type: 'no-data', text, ...sender, id, severity: 'warning', since },
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

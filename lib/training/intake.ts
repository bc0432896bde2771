import { SHARED_DEVICE } from '../core/artifact';
import { MlError, show } from '../core/errors';
import type { Reading } from '../core/readings';
import { timeRange, type RangeMessage, type TimeRange } from '../readings/time-range';
import { partOf, Sequences, type GivenUp } from './sequences';

/** Where readings to train on come from; see `Intake.take`. */
export const TRAINING_SOURCES = ['auto', 'batch', 'sequence', 'stream', 'history'] as const;
export type TrainingSource = (typeof TRAINING_SOURCES)[number];

/** What a message asks for. */
export type Instruction =
  /** Train at once on these readings. */
  | { readonly kind: 'batch'; readonly readings: readonly Reading[] }
  /** Add readings to the rolling windows; `inAlarm` tells for each whether the message called it an anomaly. */
  | { readonly kind: 'collect'; readonly readings: readonly Reading[]; readonly inAlarm: readonly boolean[] }
  /** Train on what has been collected: of one device, or of all. */
  | { readonly kind: 'train'; readonly device: string | undefined }
  /** Train on past readings: of one device, or of all. */
  | { readonly kind: 'history'; readonly device: string | undefined; readonly range: TimeRange }
  | { readonly kind: 'cancel'; readonly device: string | undefined }
  /** A part of a sequence that is not complete yet. */
  | { readonly kind: 'wait' };

/** What matters of a message. Anything may be in it. */
export interface TrainingMessage extends RangeMessage {
  readonly action?: unknown;
  readonly device?: unknown;
  readonly payload?: unknown;
  readonly parts?: unknown;
  readonly complete?: unknown;
  readonly anomaly?: unknown;
}

const SEQUENCE_LIMITS = { maxPending: 100, maxReadings: 1_000_000, timeoutMs: 10 * 60_000 };

/** Finds out what a message asks for, and puts sequences together. */
export class Intake {
  readonly #sequences = new Sequences(SEQUENCE_LIMITS);

  /** @param rangeOf - which stretch of past readings a message asks for */
  constructor(
    private readonly source: TrainingSource,
    private readonly rangeOf: (message: RangeMessage, nowMs: number) => TimeRange = timeRange,
  ) {}

  /**
   * The command in `msg.action`, if there is one to obey: its payload is then not read. `train` is no command where the
   * message brings what to train on: with the source `batch`, or an array under `auto`. With the source `history` any
   * message asks for a training.
   * @throws MlError `PARAMETER` for an unknown action, or for a device or a time that is none with the source `history`
   */
  commandOf(message: TrainingMessage, nowMs: number): Instruction | undefined {
    const { action, device, payload } = message;
    if (action === 'cancel') return { kind: 'cancel', device: nameOf(device) };
    if (!isBlank(action) && action !== 'train') {
      throw new MlError('PARAMETER', `msg.action must be "train" or "cancel", got ${show(action)}.`);
    }
    if (this.source === 'history') {
      if (!isBlank(device) && nameOf(device) === undefined && device !== SHARED_DEVICE) {
        throw new MlError('PARAMETER', `msg.device must be a name, or "*" for all, got ${show(device)}.`);
      }
      return { kind: 'history', device: nameOf(device), range: this.rangeOf(message, nowMs) };
    }
    if (isBlank(action)) return undefined;
    return this.#isBatch(payload) ? undefined : { kind: 'train', device: nameOf(device) };
  }

  /** True for a message that only says that its sequence is complete. */
  endsSequence({ complete, payload }: TrainingMessage): boolean {
    return this.source === 'sequence' && !isBlank(complete) && complete !== false && isBlank(payload);
  }

  /**
   * What to do with a message's readings. `batch`: each message is all there is to learn from. `sequence`: the messages
   * of a sequence (`msg.parts`, `msg.complete`) together are. `stream`: readings are collected. `auto`: an array is a
   * batch, all else is collected. `history`: messages bring none, see `commandOf`.
   * @throws MlError `DATA` for a message that belongs to no sequence where there should be one, `LIMIT`
   */
  take(message: TrainingMessage, readings: readonly Reading[], nowMs: number): Instruction {
    if (this.source === 'sequence') return this.#addPart(message, readings, nowMs);
    if (this.#isBatch(message.payload)) return { kind: 'batch', readings };
    return { kind: 'collect', readings, inAlarm: anomalies(message.anomaly, readings.length) };
  }

  /** Gives up sequences of which nothing has come for ten minutes. */
  expire(nowMs: number): readonly GivenUp[] {
    return this.#sequences.expire(nowMs);
  }

  #isBatch(payload: unknown): boolean {
    return this.source === 'batch' || (this.source === 'auto' && Array.isArray(payload));
  }

  #addPart(message: TrainingMessage, readings: readonly Reading[], nowMs: number): Instruction {
    const part = partOf(message);
    if (part === undefined) {
      throw new MlError(
        'DATA',
        'A message of a sequence must have msg.parts, or msg.complete to end it; got neither. ' +
          'For messages that are complete in themselves choose the source "batch", for single readings "stream".',
      );
    }
    const complete = this.#sequences.add(part, readings, nowMs);
    return complete === null ? { kind: 'wait' } : { kind: 'batch', readings: complete };
  }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Undefined: all devices. */
function nameOf(device: unknown): string | undefined {
  if (device === SHARED_DEVICE) return undefined;
  return typeof device === 'number' || (typeof device === 'string' && device !== '') ? String(device) : undefined;
}

/** `msg.anomaly` is one verdict, or for a batch one a reading. */
function anomalies(anomaly: unknown, readings: number): boolean[] {
  const verdicts: readonly unknown[] = Array.isArray(anomaly) ? anomaly : [anomaly];
  return Array.from({ length: readings }, (_, i) => {
    const verdict = verdicts[verdicts.length === readings ? i : 0];
    return typeof verdict === 'object' && verdict !== null && (verdict as { isAnomaly?: unknown }).isAnomaly === true;
  });
}

import type { EventEnvelope, ModelReference, Severity } from '../../core/events';
import type { Reading } from '../../core/readings';

/** The verdict on one reading, as `ml-detect` gives it. */
export interface ScoredReading {
  readonly device: string;
  readonly model: ModelReference;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly isAnomaly: boolean;
  readonly score: number | null;
  readonly rawScore: number | null;
  readonly threshold: number;
  readonly severity: Severity;
  readonly contributions: readonly object[];
  readonly missing: readonly string[];
}

/** Any event of a node's second output: what it has beyond the envelope is kept as it is. */
export interface ToldEvent extends EventEnvelope {
  readonly type: string;
}

/** A forecast, as `ml-forecast` gives it. */
export interface MadeForecast {
  readonly device: string;
  readonly field: string;
  readonly model: ModelReference;
  readonly stepMs: number;
  readonly level: number;
  readonly points: readonly {
    /** ISO 8601, UTC. */
    readonly timestamp: string;
    readonly value: number;
    readonly lower: number;
    readonly upper: number;
  }[];
}

/*
 * What is to be written is put down as JSON at once: nodes further on may change the objects, and text costs least to
 * keep and to send. Each row is an array in the order of its table's columns, see `result-tables.ts`. Numbers that are
 * not finite become null thereby, as does what is undefined.
 */

/** @param scoringMs - from the message's arrival to the verdict; null: not measured */
export function scoreRow(id: string, scored: ScoredReading, scoringMs: number | null): string {
  return rowText([id, ...verdict(scored), scored.isAnomaly, scored.missing, scoringMs]);
}

export function detectionRow(id: string, scored: ScoredReading): string {
  return rowText([id, ...verdict(scored), scored.contributions]);
}

/** @param nowMs - when it is told, epoch ms */
export function eventRow(id: string, event: ToldEvent, nowMs: number): string {
  const { id: eventId, type, device, model, severity, since, until, text, ...details } = event;
  const createdAt = new Date(nowMs).toISOString();
  return rowText([id, eventId, type, device, ...said(model), severity, since, until, text, details, createdAt]);
}

/** One row for all points, which the database takes apart: a forecast is written whole or not at all. */
export function forecastRow(
  newId: () => string,
  { device, field, model, stepMs, level, points }: MadeForecast,
): string {
  const madeAt = new Date(Date.parse(points[0]!.timestamp) - stepMs).toISOString();
  const rows = points.map(({ timestamp, value, lower, upper }) => [newId(), timestamp, value, lower, upper]);
  return rowText([device, field, ...said(model), madeAt, level, rows]);
}

export function readingRow(id: string, { device, timestampMs, values, label }: Reading): string {
  return rowText([id, device, new Date(timestampMs).toISOString(), Object.fromEntries(values), label]);
}

/** What both tables of verdicts begin with, after the id. */
function verdict(scored: ScoredReading): readonly unknown[] {
  const { device, timestamp, model, score, rawScore, threshold, severity } = scored;
  return [device, timestamp, ...said(model), score, rawScore, threshold, severity];
}

function said({ name, version, algorithm }: ModelReference): readonly unknown[] {
  return [name, version, algorithm];
}

/** JSON that PostgreSQL takes: its texts can hold neither NUL, which is left out, nor half a surrogate pair. */
function rowText(row: readonly unknown[]): string {
  const text = JSON.stringify(row);
  if (!text.includes('\\u')) return text;
  return text.replace(/\\(?:u0000|u[dD][89a-fA-F]..|.)/g, (escape) => {
    if (escape === '\\u0000') return '';
    return escape.length > 2 ? '\ufffd' : escape;
  });
}

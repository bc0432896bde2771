import type { ModelReference, Severity } from '../../core/events';
import { identifier, type SqlSession } from '../sql';
import { Conditions } from './conditions';
import type { ScoredReading, ToldEvent } from './rows';

/** Which rows; what is not given does not matter. Names are meant exactly. */
export interface ResultFilter {
  readonly device?: string;
  /** The model's name. */
  readonly model?: string;
  readonly severity?: string;
  /** Epoch ms. */
  readonly fromMs?: number;
  /** Epoch ms, exclusive. */
  readonly toMs?: number;
  /** Rows at the most. */
  readonly limit: number;
}

export interface EventFilter extends ResultFilter {
  /** Such as `raised`. */
  readonly type?: string;
}

/** A verdict, in the words of `msg.anomaly`. Times are ISO 8601, UTC. */
interface StoredVerdict extends Omit<ScoredReading, 'threshold' | 'contributions' | 'missing'> {
  readonly threshold: number | null;
}

export interface StoredAnomaly extends StoredVerdict {
  readonly contributions: readonly object[];
}

export interface StoredScore extends StoredVerdict {
  readonly missing: readonly string[];
  /** From the message's arrival to the verdict; null: not measured. */
  readonly scoringMs: number | null;
}

/** An event as the node told it; what it has beyond the envelope stands beside it. */
export interface StoredEvent extends ToldEvent {
  /** When it was told. */
  readonly createdAt: string;
}

interface ModelColumns {
  readonly model_name: string;
  readonly model_version: number;
  readonly algorithm: string;
}

interface VerdictRow extends ModelColumns {
  readonly device: string;
  readonly timestamp: Date;
  readonly score: number | null;
  readonly raw_score: number | null;
  readonly threshold: number | null;
  readonly severity: Severity;
}

/** Readings judged anomalies, newest first. @throws MlError `DATABASE` */
export async function storedAnomalies(
  session: SqlSession,
  schema: string,
  filter: ResultFilter,
): Promise<readonly StoredAnomaly[]> {
  type Row = VerdictRow & Pick<StoredAnomaly, 'contributions'>;
  const rows = await newest<Row>(session, identifier(schema, 'anomaly_detections'), 'timestamp', filter);
  return rows.map((row) => ({ ...verdictOf(row, true), contributions: row.contributions }));
}

/** All verdicts that were stored, newest first. @throws MlError `DATABASE` */
export async function storedScores(
  session: SqlSession,
  schema: string,
  filter: ResultFilter,
): Promise<readonly StoredScore[]> {
  type Row = VerdictRow & {
    readonly is_anomaly: boolean;
    readonly missing: readonly string[];
    readonly scoring_ms: number | null;
  };
  const rows = await newest<Row>(session, identifier(schema, 'anomaly_scores'), 'timestamp', filter);
  return rows.map((row) => ({
    ...verdictOf(row, row.is_anomaly),
    missing: row.missing,
    scoringMs: row.scoring_ms,
  }));
}

/** Alarms, silences, predicted breaches and the like, the last told first. @throws MlError `DATABASE` */
export async function storedEvents(
  session: SqlSession,
  schema: string,
  filter: EventFilter,
): Promise<readonly StoredEvent[]> {
  type Row = ModelColumns & {
    readonly event_id: string;
    readonly type: string;
    readonly device: string;
    readonly severity: Severity;
    readonly since: Date;
    readonly until: Date | null;
    readonly text: string;
    readonly details: object;
    readonly created_at: Date;
  };
  const rows = await newest<Row>(session, identifier(schema, 'events'), 'created_at', filter);
  return rows.map((row) => ({
    ...row.details,
    type: row.type,
    id: row.event_id,
    device: row.device,
    model: modelOf(row),
    severity: row.severity,
    since: row.since.toISOString(),
    ...(row.until !== null && { until: row.until.toISOString() }),
    text: row.text,
    createdAt: row.created_at.toISOString(),
  }));
}

/** @param time - the column by which rows are new */
function newest<R extends object>(
  session: SqlSession,
  table: string,
  time: 'timestamp' | 'created_at',
  { device, model, severity, type, fromMs, toMs, limit }: EventFilter,
): Promise<readonly R[]> {
  const conditions = new Conditions()
    .add('device = ?', device)
    .add('model_name = ?', model)
    .add('severity = ?', severity)
    .add('type = ?', type)
    .add(`${time} >= to_timestamp(?::float8 / 1000)`, fromMs)
    .add(`${time} < to_timestamp(?::float8 / 1000)`, toMs);
  const { text } = conditions;
  const rows = conditions.parameter(limit);
  return session.query<R>(
    `SELECT * FROM ${table}${text} ORDER BY ${time} DESC, id DESC LIMIT ${rows}::int`,
    conditions.values,
  );
}

function verdictOf(row: VerdictRow, isAnomaly: boolean): StoredVerdict {
  return {
    device: row.device,
    model: modelOf(row),
    timestamp: row.timestamp.toISOString(),
    isAnomaly,
    score: row.score,
    rawScore: row.raw_score,
    threshold: row.threshold,
    severity: row.severity,
  };
}

function modelOf({ model_name: name, model_version: version, algorithm }: ModelColumns): ModelReference {
  return { name, version, algorithm };
}

import { MlError } from '../../core/errors';
import type { ModelReference } from '../../core/events';
import { identifier, type SqlSession } from '../sql';
import { Conditions } from './conditions';

export interface ForecastFilter {
  readonly device: string;
  readonly field?: string;
  /** The model's name. */
  readonly model?: string;
  /** Made from readings of this time on, epoch ms. */
  readonly fromMs?: number;
  /** Made from readings before this time, epoch ms. */
  readonly toMs?: number;
  /** Fields at the most. */
  readonly limit: number;
}

/** A forecast, in the words of `msg.forecast`, with what came of it. Times are ISO 8601, UTC. */
export interface StoredForecast {
  readonly device: string;
  readonly field: string;
  readonly model: ModelReference;
  /** Time of the newest reading it was made from. */
  readonly madeAt: string;
  readonly level: number | null;
  readonly points: readonly StoredPoint[];
}

export interface StoredPoint {
  readonly timestamp: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Mean of the readings from then on up to the next point, where any have been stored. */
  readonly actual?: number;
}

interface Row {
  readonly field: string;
  readonly model_name: string;
  readonly model_version: number;
  readonly algorithm: string;
  readonly made_at: Date;
  readonly level: number | null;
  readonly timestamp: Date;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly actual: number | null;
}

/** Points of all forecasts of an answer together. */
const MAX_POINTS = 100_000;

/**
 * The newest forecast of each of a device's fields, in order of their names, with the readings in `metrics_history` that
 * have come since.
 * @throws MlError `DATABASE`; `LIMIT` where there are too many points
 */
export async function storedForecasts(
  session: SqlSession,
  schema: string,
  filter: ForecastFilter,
): Promise<readonly StoredForecast[]> {
  const rows = await pointRows(session, schema, filter);
  if (rows.length > MAX_POINTS) {
    throw new MlError('LIMIT', `The forecasts have more than ${MAX_POINTS} points together: name a field.`);
  }
  const byField = new Map<string, Row[]>();
  for (const row of rows) {
    const known = byField.get(row.field);
    if (known === undefined) byField.set(row.field, [row]);
    else known.push(row);
  }
  return [...byField].map(([field, points]) => {
    const { model_name: name, model_version: version, algorithm, made_at, level } = points[0]!;
    return {
      device: filter.device,
      field,
      model: { name, version, algorithm },
      madeAt: made_at.toISOString(),
      level,
      points: points.map(pointOf),
    };
  });
}

function pointRows(
  session: SqlSession,
  schema: string,
  { device, field, model, fromMs, toMs, limit }: ForecastFilter,
): Promise<readonly Row[]> {
  const conditions = new Conditions()
    .add('device = ?', device)
    .add('field = ?', field)
    .add('model_name = ?', model)
    .add('made_at >= to_timestamp(?::float8 / 1000)', fromMs)
    .add('made_at < to_timestamp(?::float8 / 1000)', toMs);
  const { text } = conditions;
  const fields = conditions.parameter(limit);
  const whose = conditions.parameter(device);
  const forecasts = identifier(schema, 'metric_forecasts');
  // From field to field by the index: a device has few fields, and very many points. Of points that were written twice,
  // by two nodes with one model, the later ones count.
  return session.query<Row>(
    `WITH RECURSIVE known(field) AS (
       SELECT min(field) FROM ${forecasts} WHERE device = ${whose}
       UNION ALL
       SELECT (SELECT min(field) FROM ${forecasts} WHERE device = ${whose} AND field > known.field)
       FROM known WHERE known.field IS NOT NULL
     ), newest AS (
       SELECT made.* FROM known CROSS JOIN LATERAL (
         SELECT field, model_name, model_version, made_at FROM ${forecasts}${text} AND field = known.field
         ORDER BY made_at DESC, model_name, model_version DESC LIMIT 1
       ) AS made ORDER BY field LIMIT ${fields}::int
     ), point AS (
       SELECT DISTINCT ON (field, timestamp) * FROM ${forecasts} JOIN newest USING (field, model_name, model_version, made_at)
       WHERE device = ${whose} ORDER BY field, timestamp, id DESC LIMIT ${MAX_POINTS + 1}
     ), step AS (
       SELECT *, coalesce(
         lead(timestamp) OVER field_points,
         timestamp + (timestamp - lag(timestamp) OVER field_points),
         timestamp + (timestamp - made_at)
       ) AS next FROM point WINDOW field_points AS (PARTITION BY field ORDER BY timestamp)
     )
     SELECT step.*, actual FROM step CROSS JOIN LATERAL (
       SELECT avg(CASE WHEN jsonb_typeof(reading."values" -> step.field) = 'number'
                       THEN (reading."values" -> step.field)::float8 END) AS actual
       FROM ${identifier(schema, 'metrics_history')} AS reading
       WHERE reading.device = ${whose} AND reading.timestamp >= step.timestamp AND reading.timestamp < step.next
     ) AS readings ORDER BY field, timestamp`,
    conditions.values,
  );
}

function pointOf({ timestamp, value, lower, upper, actual }: Row): StoredPoint {
  const point = { timestamp: timestamp.toISOString(), value, lower, upper };
  return actual === null ? point : { ...point, actual };
}

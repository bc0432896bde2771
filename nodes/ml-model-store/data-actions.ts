import { MlError } from '../../lib/core/errors';
import type { ReadingTable } from '../../lib/core/readings';
import { storedForecasts } from '../../lib/postgres/results/stored-forecasts';
import { storedAnomalies, storedEvents, storedScores } from '../../lib/postgres/results/stored-results';
import { MAX_ROWS, MAX_VALUES } from '../../lib/readings/limits';
import { readingRows, type ReadingRow } from '../../lib/readings/reading-rows';
import { statisticsOf } from '../../lib/readings/reading-statistics';
import type { Answer } from './actions';
import type { DataAction } from './config';
import type { Data } from './data';
import type { DataRequest } from './data-request';
import { exportReadings, type Pieces } from './export-readings';

/** Results of an answer. */
const USUAL_LIMIT = 100;
const MAX_LIMIT = 10_000;

type Action = (request: DataRequest, data: Data) => Promise<Answer | Pieces>;

/** What each action does. @throws MlError with a sentence for the user */
export const dataActions: Readonly<Record<DataAction, Action>> = {
  anomalies: (request, data) => results(storedAnomalies, request, data),

  scores: (request, data) => results(storedScores, request, data),

  events: (request, data) => results(storedEvents, request, data),

  forecasts: async (request, data) => {
    const { device } = request;
    if (device === undefined) {
      throw new MlError('PARAMETER', "For forecasts, name the device: in msg.device or in the node's settings.");
    }
    return results((session, schema, filter) => storedForecasts(session, schema, { ...filter, device }), request, data);
  },

  readings: async (request, data) => {
    const limit = limitOf(request, MAX_ROWS, MAX_ROWS);
    const payload: ReadingRow[] = [];
    let truncated = false;
    let values = 0;
    for await (const part of pastReadings(request, data)) {
      const rows = readingRows(part);
      values += part.data.length;
      const room = limit - payload.length;
      for (const row of rows.slice(0, room)) payload.push(row);
      truncated = rows.length > room || values > MAX_VALUES;
      if (truncated) break;
    }
    return { payload, number: payload.length, properties: { truncated } };
  },

  statistics: async (request, data) => {
    const described = [];
    for (const device of await devicesOf(request, data)) {
      described.push({ device, ...(await statisticsOf(pastReadings({ ...request, device }, data))) });
    }
    const number = described.reduce((sum, { readings }) => sum + readings, 0);
    return { payload: request.device === undefined ? described : described[0], number };
  },

  'export-readings': (request, data) => exportReadings(request, () => pastReadings(request, data)),

  write: async ({ message, device }, { results: writer, read }) => {
    let number = 0;
    await read({ ...message, device: message.device ?? device }, (readings) => {
      for (const reading of readings) writer.reading(reading);
      number = readings.length;
    });
    return { payload: { readings: number }, number };
  },
};

type Read<F, R> = (
  session: Data['database'],
  schema: string,
  filter: F & { readonly limit: number },
) => Promise<readonly R[]>;

async function results<R>(
  read: Read<DataRequest, R>,
  request: DataRequest,
  { database, schema, ready }: Data,
): Promise<Answer> {
  const limit = limitOf(request, USUAL_LIMIT, MAX_LIMIT);
  await ready();
  const payload = await read(database, schema, { ...request, limit });
  return { payload, number: payload.length };
}

/** Readings device by device, each in time order. */
async function* pastReadings(request: DataRequest, data: Data): AsyncGenerator<ReadingTable> {
  const { history, signal } = data;
  const range = history.rangeOf(request.message, request.nowMs);
  for (const device of await devicesOf(request, data)) {
    yield* history.parts({ device, fields: request.fields, ...range }, signal);
  }
}

async function devicesOf(
  { device }: DataRequest,
  { history, isHistoryOwn, ready, signal }: Data,
): Promise<readonly string[]> {
  if (isHistoryOwn) await ready();
  return device === undefined ? history.devices(signal) : [device];
}

function limitOf({ limit }: DataRequest, usual: number, most: number): number {
  if (limit === undefined) return usual;
  if (limit <= most) return limit;
  throw new MlError('PARAMETER', `msg.limit may be ${most} at most, got ${limit}: ask for a range of time instead.`);
}

import { MlError, show } from '../../core/errors';
import type { ReadingTable } from '../../core/readings';
import { MAX_HISTORY_VALUES } from '../../readings/limits';
import { errorCode } from '../database-error';
import type { SqlClient, SqlTransaction } from '../sql';
import { listDevices } from './devices';
import { handOver } from './hand-over';
import { joinParts } from './join-parts';
import { layoutQuery } from './layouts';
import { checkAborted, readParts } from './read-parts';
import type { HistoryQuery, HistoryReader, HistorySource, WrittenSource } from './source';

/** SQLSTATE: undefined table. */
const NO_TABLE = '42P01';
/** Times that PostgreSQL and a `Date` both know. */
const TIMES_MS = { from: Date.UTC(-4000, 0), to: Date.UTC(9999, 0) };

/**
 * The past readings of a source. Each call is one transaction, in which the database refuses any change; names are
 * quoted, and all else goes beside the statements as values.
 */
export function openHistory(client: SqlClient, source: HistorySource): HistoryReader {
  const eachPart = async (
    query: HistoryQuery,
    give: (part: ReadingTable) => void | Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const checked = checkQuery(query);
    checkAborted(signal);
    await reading(client, source, async (session) => {
      const rows = await layoutQuery(session, source, checked);
      await readParts(session, rows, checked, give, signal);
    });
  };
  return {
    devices: async (signal) => {
      checkAborted(signal);
      return reading(client, source, (session) => listDevices(session, source));
    },
    read: async (query, signal) => {
      const parts: ReadingTable[] = [];
      const names = new Set<string>();
      let rows = 0;
      const keep = (part: ReadingTable): void => {
        parts.push(part);
        part.fields.forEach((name) => names.add(name));
        rows += part.timestampsMs.length;
        checkSize(query, rows, names.size);
      };
      await eachPart(query, keep, signal);
      return joinParts(query.device, query.fields.length > 0 ? [...new Set(query.fields)] : null, parts);
    },
    parts: (query, signal) => handOver<ReadingTable>((give) => eachPart(query, give, signal)),
  };
}

/** What nobody can change, with the settings that the statements here and the user's own rely on. */
async function reading<T>(
  client: SqlClient,
  source: HistorySource,
  work: (session: SqlTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await client.transaction(async (session) => {
      await session.query(`SET LOCAL TimeZone TO 'UTC'`);
      await session.query('SET LOCAL standard_conforming_strings TO on');
      return work(session);
    }, true);
  } catch (error) {
    throw source.layout === 'written' && errorCode(error) === NO_TABLE ? nothingWritten(source, error) : error;
  }
}

/** The table of what these nodes write is made when the first reading is written. */
function nothingWritten({ schema }: WrittenSource, cause: unknown): MlError {
  const how = 'tick "Write the readings themselves, too" in an ml-detect, or use the action write of ml-model-store';
  return new MlError('DATABASE', `No readings have been written to the schema ${show(schema)} yet: ${how}.`, { cause });
}

function checkQuery(query: HistoryQuery): HistoryQuery {
  const { fromMs, toMs, stepMs } = query;
  for (const timeMs of [fromMs, toMs]) {
    if (timeMs >= TIMES_MS.from && timeMs <= TIMES_MS.to) continue;
    throw new MlError(
      'PARAMETER',
      `The range of a history must be two times in epoch milliseconds, got ${show(timeMs)}.`,
    );
  }
  if (stepMs !== undefined && !(Number.isInteger(stepMs) && stepMs >= 1)) {
    throw new MlError(
      'PARAMETER',
      `The step of a history must be whole milliseconds, at least 1, got ${show(stepMs)}.`,
    );
  }
  return { ...query, fields: [...new Set(query.fields)] };
}

function checkSize({ device }: HistoryQuery, rows: number, fields: number): void {
  if (rows * (1 + fields) <= MAX_HISTORY_VALUES) return;
  throw new MlError(
    'LIMIT',
    `The history of ${show(device)} has more than ${rows} readings of ${fields} fields, ${MAX_HISTORY_VALUES} numbers ` +
      'with their times are read at most. Ask for a shorter range or fewer fields, or let the database average them.',
  );
}

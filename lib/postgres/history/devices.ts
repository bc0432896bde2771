import { SHARED_DEVICE } from '../../core/artifact';
import { MlError } from '../../core/errors';
import { MAX_HISTORY_DEVICES } from '../../readings/limits';
import { identifier, type SqlTransaction } from '../sql';
import { DEVICE_COLUMN, writtenPath } from './layouts';
import { columnOf, queryRelation, tablePath, tableRelation, Values, type Relation } from './relation';
import type { HistorySource, QuerySource } from './source';

/** Where the state of devices stands beside their history. */
const SHADOWS = { table: 'device_shadows', deviceColumn: 'device_uuid' };
/** The device of a query that names none, as of messages that name none. */
const ONLY_DEVICE = 'default';

/** The devices of a source, in order of their names. @throws MlError as `HistoryReader.devices` */
export async function listDevices(session: SqlTransaction, source: HistorySource): Promise<readonly string[]> {
  const names = source.devicesFrom === 'online' ? await online(session, source) : await inReadings(session, source);
  if (names.length > MAX_HISTORY_DEVICES) {
    throw new MlError(
      'LIMIT',
      `The history has more than ${MAX_HISTORY_DEVICES} devices. Name those to be read, or those online alone.`,
    );
  }
  // No device can be called as all of them are.
  return names.filter((name) => name.trim() !== '' && name !== SHARED_DEVICE).sort();
}

async function online(session: SqlTransaction, source: HistorySource): Promise<readonly string[]> {
  // Beside the readings, where they are in a schema that was named.
  const schema = 'table' in source ? tablePath(source.table).slice(0, -1) : [];
  const shadows = await tableRelation(session, [...schema, SHADOWS.table]);
  const known = 'deviceColumn' in source ? [source.deviceColumn] : [];
  const column = [...known, SHADOWS.deviceColumn, DEVICE_COLUMN].find((name) => shadows.columns.has(name));
  const device = columnOf(shadows, column ?? SHADOWS.deviceColumn, 'the device').sql;
  const status = columnOf(shadows, 'status', 'the state').sql;
  return distinct(session, shadows, device, `${status}::text = 'online'`);
}

async function inReadings(session: SqlTransaction, source: HistorySource): Promise<readonly string[]> {
  if (source.layout === 'sql') return inOwnSql(session, source);
  const isWritten = source.layout === 'written';
  const path = isWritten ? writtenPath(source) : tablePath(source.table);
  const column = isWritten ? DEVICE_COLUMN : source.deviceColumn;
  const relation = await tableRelation(session, path);
  const device = columnOf(relation, column, 'the device').sql;
  return (await isIndexed(session, path, column))
    ? oneByOne(session, relation, device)
    : distinct(session, relation, device, `${device} IS NOT NULL`);
}

async function inOwnSql(session: SqlTransaction, { sql }: QuerySource): Promise<readonly string[]> {
  const relation = await queryRelation(session, sql, (name) => {
    if (name !== 'device') return name === 'from' ? '-infinity' : 'infinity';
    throw new MlError(
      'PARAMETER',
      'Your own SQL asks for one device by $device, so that the devices cannot be found by it. Name a device, take ' +
        `those online, or leave out $device and select a column "${DEVICE_COLUMN}".`,
    );
  });
  if (!relation.columns.has(DEVICE_COLUMN)) return [ONLY_DEVICE];
  const device = columnOf(relation, DEVICE_COLUMN, 'the device').sql;
  return distinct(session, relation, device, `${device} IS NOT NULL`);
}

async function distinct(
  session: SqlTransaction,
  relation: Relation,
  device: string,
  where: string,
): Promise<readonly string[]> {
  const values = new Values();
  const from = relation.from(values);
  const limit = values.add(MAX_HISTORY_DEVICES + 1);
  const text = `SELECT DISTINCT ${device}::text AS device FROM ${from} WHERE ${where} LIMIT ${limit}`;
  return (await session.query<{ device: string }>(text, values.list)).map((row) => row.device);
}

/** From each device straight to the next by the index: a table of many rows has few devices. */
async function oneByOne(session: SqlTransaction, relation: Relation, device: string): Promise<readonly string[]> {
  const values = new Values();
  const from = relation.from(values);
  const next = (where: string): string => `SELECT ${device} FROM ${from} WHERE ${where} ORDER BY ${device} LIMIT 1`;
  const text =
    `WITH RECURSIVE found(device) AS ((${next(`${device} IS NOT NULL`)}) UNION ALL ` +
    `SELECT (${next(`${device} > found.device`)}) FROM found WHERE found.device IS NOT NULL) ` +
    `SELECT device::text AS device FROM found WHERE device IS NOT NULL LIMIT ${values.add(MAX_HISTORY_DEVICES + 1)}`;
  return (await session.query<{ device: string }>(text, values.list)).map((row) => row.device);
}

/** Whether a whole index begins with the column and keeps it in order. */
async function isIndexed(session: SqlTransaction, path: readonly string[], column: string): Promise<boolean> {
  const found = await session.query(
    `SELECT 1 FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
    JOIN pg_catalog.pg_am AS method ON method.oid = class.relam
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = index.indkey[0]
    WHERE index.indrelid = to_regclass($1) AND attribute.attname = $2 AND method.amname = 'btree'
    AND index.indpred IS NULL AND index.indisvalid LIMIT 1`,
    [identifier(...path), column],
  );
  return found.length > 0;
}

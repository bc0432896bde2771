import type { Node, NodeAPI } from 'node-red';
import type { Aggregation } from '../../lib/core/pipeline';
import { openHistory } from '../../lib/postgres/history/open-history';
import type { HistoryQuery, HistoryReader } from '../../lib/postgres/history/source';
import { timeRange, type RangeMessage, type TimeRange } from '../../lib/readings/time-range';
import { databaseOf } from '../ml-database/database-of';
import { showConnection } from './connection';
import { historySettings, type HistoryConfig } from './history-config';

/** Past readings as a node's form describes them: the bucket of the form holds for each query that has none. */
export interface NodeHistory extends HistoryReader {
  /** The stretch of time a message asks for by `from`, `to` and `hours`, else the form's, up to now. */
  readonly rangeOf: (message: RangeMessage, nowMs: number) => TimeRange;
}

/**
 * The past readings that a node's form describes. Until the node closes, it shows how the database is connected.
 * @param aggregation - what becomes of the readings of one bucket
 * @throws MlError `DATABASE` where the database's config node is missing, `PARAMETER` for a setting that makes no sense
 */
export function historyOf(
  RED: NodeAPI,
  node: Node,
  config: HistoryConfig,
  aggregation: Aggregation = 'mean',
): NodeHistory {
  const used = databaseOf(RED, config.database);
  const { source, rangeMs, bucketMs } = historySettings(node.type, config, used.schema);
  const reader = openHistory(used.database, source);
  node.on('close', showConnection(RED, node, used));
  const bucketed = (query: HistoryQuery): HistoryQuery =>
    bucketMs === undefined ? query : { stepMs: bucketMs, aggregation, ...query };
  return {
    devices: (signal) => reader.devices(signal),
    read: (query, signal) => reader.read(bucketed(query), signal),
    parts: (query, signal) => reader.parts(bucketed(query), signal),
    rangeOf: (message, nowMs) => timeRange(message, nowMs, rangeMs),
  };
}

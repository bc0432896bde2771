import type { Node, NodeAPI, NodeStatus } from 'node-red';
import type { ResultsWriter, WritingStatus } from '../../lib/postgres/results/results-writer';
import { databaseOf } from '../ml-database/database-of';
import { showConnection } from './connection';
import { connectionStatus } from './status';
import { sharedWords } from './words';

/** Where a node writes what it finds. */
export interface Results {
  readonly writer: ResultsWriter;
  /** Called when the node has closed and writes no more. */
  release(): void;
}

/** How often it is looked at how many results wait. */
const LOOK_MS = 500;

/**
 * The results writer of the database that a node's form names; null where it names none. The node shows the connection,
 * and while results cannot be written, how many wait or are lost.
 * @throws MlError `DATABASE` where the config node is missing or its settings make no sense
 */
export function resultsOf(RED: NodeAPI, node: Node, id: string): Results | null {
  if (id.trim() === '') return null;
  const used = databaseOf(RED, id);
  const { results: writer, database } = used;
  // From the first result on: a node that cannot start has nothing left to write when it closes.
  let letGo: (() => void) | null = null;
  const stopShowing = showConnection(RED, node, used);
  const show = (): void => {
    const text = writingText(RED, writer.status);
    const fill = database.state === 'disconnected' ? 'red' : 'yellow';
    const status: NodeStatus = text === null ? {} : { fill, shape: 'ring', text };
    connectionStatus(node, writer, status, text === null);
  };
  const timer = setInterval(show, LOOK_MS).unref();
  node.on('close', () => {
    clearInterval(timer);
    stopShowing();
  });
  return {
    get writer() {
      letGo ??= used.hold();
      return writer;
    },
    release: () => letGo?.(),
  };
}

/** What there is to say of the writing; null while all is well. */
function writingText(RED: NodeAPI, { waiting, lost, isHeld }: WritingStatus): string | null {
  const text = (key: string, count: number): string =>
    sharedWords(RED, `status.${key}`, { count: count < 1000 ? count : `${Math.floor(count / 1000)}k` });
  if (lost > 0) return text('lost', lost);
  return isHeld && waiting > 0 ? text('held', waiting) : null;
}

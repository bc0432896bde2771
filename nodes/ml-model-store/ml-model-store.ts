import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import { storeOf } from '../ml-store/store-of';
import { historySpecs } from '../shared/history-config';
import { migrateConfig } from '../shared/migrate';
import { type InputMessage, onInput } from '../shared/on-input';
import { startNode } from '../shared/start';
import { setStatus } from '../shared/status';
import { actions, type Answer } from './actions';
import {
  DATA_ACTIONS,
  type DataAction,
  ML_MODEL_STORE_DEFAULTS,
  type MlModelStoreConfig,
  type StoreAction,
} from './config';
import { dataOf } from './data';
import { dataActions } from './data-actions';
import { dataRequestOf } from './data-request';
import type { Pieces } from './export-readings';
import { actionOf, requestOf } from './request';
import { sendPieces } from './send-pieces';

/** Requests that may wait in one node. */
const MAX_WAITING = 1000;

const isDataAction = (action: string): action is DataAction => action in dataActions;

/** Looks after stored models, readings and results: one action a message, the answer in `msg.payload`. */
const register = (RED: NodeAPI): void => {
  function MlModelStore(this: Node, given: MlModelStoreConfig): void {
    RED.nodes.createNode(this, given);
    startNode(RED, this, () => {
      const config = migrateConfig<MlModelStoreConfig>(given, ML_MODEL_STORE_DEFAULTS);
      const store = storeOf(RED, this, config.store);
      const { dataFor, release } = dataOf(RED, this, config);
      let waiting = 0;
      let turn: Promise<unknown> = Promise.resolve();

      /** Checks at once what is asked; it is done when it is its turn. */
      const taskOf = (action: StoreAction | DataAction, message: InputMessage): (() => Promise<Answer | Pieces>) => {
        if (isDataAction(action)) {
          const [request, found] = [dataRequestOf(message, config, Date.now()), dataFor(action)];
          return () => dataActions[action](request, found);
        }
        const request = requestOf(message, config, action);
        return () => actions[action](request, store);
      };

      onInput(RED, this, async (message, send) => {
        const action = actionOf(message, config);
        const task = taskOf(action, message);
        if (waiting >= MAX_WAITING) {
          throw new MlError('LIMIT', `${MAX_WAITING} requests are waiting already: send the message again later.`);
        }
        waiting += 1;
        setStatus(this, { fill: 'blue', shape: 'ring', text: RED._('ml-model-store.status.working') });
        const answered = turn.then(async () => {
          const answer = await task();
          if ('pieces' in answer) return { number: await sendPieces(RED, message, answer.pieces, send) };
          const { payload, number, properties } = answer;
          send(Object.assign(message, properties, { payload }));
          return { number, cut: properties?.truncated === true };
        });
        turn = answered.catch(() => undefined);
        try {
          const { number, cut } = await answered;
          const text = RED._(`ml-model-store.status.${cut ? 'truncated' : action}`, { number });
          setStatus(this, { fill: cut ? 'yellow' : 'green', shape: 'dot', text });
        } catch (error) {
          setStatus(this, {}); // no longer at work: that is not to come back when the failure is over
          throw error;
        } finally {
          waiting -= 1;
        }
      });

      this.on('close', (done: () => void) => {
        turn
          .then(release)
          .then(() => store.release())
          .then(done, done);
      });
    });
  }
  RED.nodes.registerType('ml-model-store', MlModelStore, {
    settings: {
      mlModelStoreNumbers: { value: historySpecs, exportable: true },
      mlModelStoreDatabaseActions: { value: DATA_ACTIONS, exportable: true },
    },
  });
};

export = register;

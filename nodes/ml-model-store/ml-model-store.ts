import type { Node, NodeAPI } from 'node-red';
import { MlError } from '../../lib/core/errors';
import { storeOf } from '../ml-store/store-of';
import { migrateConfig } from '../shared/migrate';
import { onInput } from '../shared/on-input';
import { startNode } from '../shared/start';
import { setStatus } from '../shared/status';
import { actions } from './actions';
import { ML_MODEL_STORE_DEFAULTS, type MlModelStoreConfig } from './config';
import { requestOf } from './request';

/** Requests that may wait in one node. */
const MAX_WAITING = 1000;

/** Looks after the stored models: one action a message, the answer in `msg.payload`. */
const register = (RED: NodeAPI): void => {
  function MlModelStore(this: Node, given: MlModelStoreConfig): void {
    RED.nodes.createNode(this, given);
    startNode(RED, this, () => {
      const config = migrateConfig<MlModelStoreConfig>(given, ML_MODEL_STORE_DEFAULTS);
      const store = storeOf(RED, this, config.store);
      let waiting = 0;
      let turn: Promise<unknown> = Promise.resolve();

      onInput(RED, this, async (message, send) => {
        const request = requestOf(message, config);
        if (waiting >= MAX_WAITING) {
          throw new MlError('LIMIT', `${MAX_WAITING} requests are waiting already: send the message again later.`);
        }
        waiting += 1;
        setStatus(this, { fill: 'blue', shape: 'ring', text: RED._('ml-model-store.status.working') });
        const answered = turn.then(() => actions[request.action](request, store));
        turn = answered.catch(() => undefined);
        try {
          const { payload, number } = await answered;
          message.payload = payload;
          send(message);
          const text = RED._(`ml-model-store.status.${request.action}`, { number });
          setStatus(this, { fill: 'green', shape: 'dot', text });
        } catch (error) {
          setStatus(this, {}); // no longer at work: that is not to come back when the failure is over
          throw error;
        } finally {
          waiting -= 1;
        }
      });

      this.on('close', (done: () => void) => {
        turn.then(() => store.release()).then(done, done);
      });
    });
  }
  RED.nodes.registerType('ml-model-store', MlModelStore);
};

export = register;

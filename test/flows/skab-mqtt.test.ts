import { join } from 'node:path';
import { findData } from '../../bench/support/data';
import { startBroker, type Broker } from '../../demo/broker';
import { unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { replay } from '../support/replay';

const FILES = ['valve1/0.csv', 'other/9.csv'];

/** `MQTT_URL` names a broker to use, such as Mosquitto; else one runs in this process. */
describe('a real pump over MQTT', () => {
  let broker: Broker | undefined;
  let url = '';
  const data = findData('skab');

  before(async function () {
    if (data === null) this.skip();
    if (process.env.MQTT_URL === undefined) broker = await startBroker(0);
    url = process.env.MQTT_URL ?? `mqtt://127.0.0.1:${broker!.port}`;
  });
  after(() => broker?.close());
  // Before the folder's own hook: nobody must write to it while it is deleted.
  afterEach(unloadFlow);
  const folder = temporaryFolder();

  for (const file of FILES) {
    it(`gets the verdicts that the library gives directly (${file})`, async function () {
      this.timeout(60_000);
      await replay(url, join(data!, file), folder());
    });
  }
});

import { join } from 'node:path';
import should from 'should';
import type { Anomaly } from '#lib/detection/anomaly';
import { openStore, type OpenStore } from '#lib/store/open-store';
import { train } from '#lib/training/train';
import mlDetect from '#nodes/ml-detect/ml-detect';
import { give, loadFlow, type Message, nextStatus, type Outcome, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const NORMAL = { flow: 100, pressure: 6, current: 20, temperature: 50 };
const LEAK = { flow: 130, pressure: 3.4, current: 26, temperature: 65 };

describe('ml-detect where readings are judged by themselves', () => {
  let store: OpenStore;
  afterEach(async () => {
    await unloadFlow();
    await store.release();
  });
  const folder = temporaryFolder();
  beforeEach(() => {
    store = openStore(join(folder(), 'flowsight-ml'), { report: () => undefined });
  });

  const start = (config: object = {}): Promise<void> =>
    loadFlow(
      [mlDetect],
      [
        { id: 'alone', type: 'ml-detect', model: 'pump', source: 'batch', wires: [[], []], ...config },
        { id: 'live', type: 'ml-detect', model: 'pump', useLearning: false, wires: [[], []] },
      ],
      { userDir: folder() },
    );
  const tell = (message: Message, id = 'alone'): Promise<Outcome> => give(runningNode(id), message);
  const trained = async (name = 'pump', device = '*'): Promise<void> => {
    const artifact = await train(
      detectionRequest({
        name,
        device,
        algorithm: 'mad',
        tables: [telemetry({ rows: 300, device })],
      }),
    );
    await store.models.save(artifact, true);
  };

  it('answers a batch with one verdict a row, one reading with one', async () => {
    await trained();
    await start();
    const batch = await tell({ payload: [NORMAL, LEAK, NORMAL], device: 'a', req: 'kept' });
    should(batch.sent).have.length(1);
    const [message] = batch.sent as [Message];
    should(message.req).equal('kept');
    should((message.anomaly as Anomaly[]).map(({ isAnomaly }) => isAnomaly)).eql([false, true, false]);
    const one = await tell({ payload: LEAK, device: 'a' });
    should(((one.sent[0] as Message).anomaly as Anomaly).severity).equal('critical');
    const batchOfOne = await tell({ payload: [LEAK], device: 'a' });
    should((batchOfOne.sent[0] as Message).anomaly)
      .be.an.Array()
      .and.have.length(1);
  });

  it('leaves the device’s live stream alone', async () => {
    await trained();
    await start();
    const at = (timestamp: number): Message => ({ payload: { ...NORMAL, timestamp }, device: 'a' });
    await tell(at(Date.UTC(2026, 4, 5)), 'live');
    const future = Date.UTC(2026, 4, 6);
    await tell({ payload: Array.from({ length: 10 }, () => ({ ...LEAK, timestamp: future })), device: 'a' });
    const { sent } = await tell(at(Date.UTC(2026, 4, 5, 1)), 'live');
    const { note } = (sent[0] as Message).anomaly as Anomaly;
    should(note ?? '').not.match(/late/);
  });

  it('takes the model and the threshold that the message names', async () => {
    await trained('other', 'a');
    await start();
    const verdict = async (more: Message): Promise<Anomaly> =>
      ((await tell({ payload: LEAK, device: 'a', model: 'other', ...more })).sent[0] as Message).anomaly as Anomaly;
    should((await verdict({})).model).eql({ name: 'other', version: 1, algorithm: 'mad' });
    should(await verdict({ threshold: 1 })).containEql({ threshold: 1, isAnomaly: false });
    should(await verdict({ threshold: '0.5' })).containEql({ threshold: 0.5, isAnomaly: true });
  });

  it('shows what the last message was', async () => {
    await trained();
    await start();
    const shown = nextStatus(runningNode('alone'), ({ text }) => text !== '');
    await tell({ payload: [NORMAL, LEAK, NORMAL], device: 'a' });
    should(await shown).eql({ fill: 'yellow', shape: 'dot', text: '1/3 anomalous' });
  });

  const refused: [what: string, message: Message, code: string, sentence: RegExp][] = [
    ['a device without a model', { device: 'b', model: 'other' }, 'NOT_FOUND', /no trained model "other" for "b"/],
    ['a model that is no name', { model: {} }, 'PARAMETER', /msg\.model must be a name, got an object/],
    ['a threshold of 0', { threshold: 0 }, 'PARAMETER', /msg\.threshold must be above 0 and at most 1, got 0/],
    ['a threshold that is none', { threshold: 'low' }, 'PARAMETER', /msg\.threshold must be/],
    ['an action', { action: 'reset' }, 'PARAMETER', /no alarms where readings are judged by themselves/],
    ['a payload without numbers', { payload: 'x' }, 'DATA', /The payload is/],
  ];
  for (const [what, message, code, sentence] of refused) {
    it(`refuses ${what} by a sentence that helps`, async () => {
      await trained();
      await start();
      const { sent, error } = await tell({ payload: NORMAL, device: 'a', ...message });
      should(sent).eql([]);
      should(error?.message).match(sentence);
      should(error).have.property('code', code);
    });
  }
});

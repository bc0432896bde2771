import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import should from 'should';
import type { ForecasterCard } from '#lib/core/artifact';
import { forecaster } from '#lib/registry';
import { openStore, type OpenStore } from '#lib/store/open-store';
import type { TrainingProgress } from '#lib/training/model-trainer';
import mlTrain from '#nodes/ml-train/ml-train';
import { makeArtifact } from '../support/artifact';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { tank, type TankOptions } from '../support/tank';

/** A tank's readings as messages bring them. */
function rows(options: TankOptions): Message[] {
  const { device, timestampsMs, data } = tank(options);
  return Array.from(timestampsMs, (timestamp, r) => ({
    timestamp,
    device,
    level: data[2 * r],
    inflow: data[2 * r + 1],
  }));
}

const cardsOf = (sent: readonly unknown[]): ForecasterCard[] =>
  (sent as Message[][]).map(([first]) => first!.payload as ForecasterCard);

describe('ml-train, of forecasts,', () => {
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
      [mlTrain],
      [
        {
          id: 'train',
          type: 'ml-train',
          wires: [['cards'], ['progress']],
          task: 'forecast',
          target: 'level',
          ...config,
        },
        { id: 'cards', type: 'helper' },
        { id: 'progress', type: 'helper' },
      ],
      { userDir: folder() },
    );
  const tell = (message: Message): ReturnType<typeof give> => give(runningNode('train'), message);
  const reached = (state: TrainingProgress['state']): Promise<void> =>
    new Promise((resolve) => {
      runningNode('progress').on('input', (message) => {
        if ((message.payload as TrainingProgress).state === state) resolve();
      });
    });

  it('trains on a batch, saves, activates, and sends the card with what was tried', async () => {
    await start({ model: 'tank-level', horizon: '12 h', otherFields: 'inflow' });
    const shown = nextStatus(runningNode('train'), ({ text }) => text === 'v1 active');
    const { sent, error } = await tell({ topic: 'plant', payload: rows({ rows: 480 }) });
    should(error).be.undefined();
    const [card] = cardsOf(sent);
    should(card).containEql({
      name: 'tank-level',
      device: 'tank-1',
      version: 1,
      algorithm: 'auto',
      features: ['level', 'inflow'],
      field: 'level',
      horizon: 12,
      active: true,
    });
    card!.candidates.length.should.be.above(1);
    card!.candidates.some(({ seconds }) => seconds !== null && seconds > 0).should.be.true();
    should((sent[0] as Message[])[0]).containEql({ topic: 'plant', device: 'tank-1', model: 'tank-level' });
    const active = await store.models.active({ name: 'tank-level', device: 'tank-1' });
    should(active?.artifact.kind).equal('forecaster');
    should(await shown).eql({ fill: 'green', shape: 'dot', text: 'v1 active' });
  });

  it('collects a stream, and trains by itself when there is enough', async () => {
    await start({ algorithm: 'seasonal-naive', trainAfterRows: '200' });
    const arrived = arrivals('cards', 1);
    for (const { device, ...payload } of rows({ rows: 200 })) await tell({ payload, device });
    const [message] = await arrived;
    should(message!.payload).containEql({ rows: 200, horizon: 24, active: true });
  });

  it('puts a sequence together', async () => {
    await start({ algorithm: 'seasonal-naive', source: 'sequence' });
    const all = rows({ rows: 300 });
    await tell({ payload: all.slice(150), parts: { id: 's', index: 1, count: 2 } });
    const { sent } = await tell({ payload: all.slice(0, 150), parts: { id: 's', index: 0, count: 2 } });
    should(cardsOf(sent)[0]).containEql({ rows: 300, version: 1 });
  });

  it('makes one model a device, whatever the detectors’ "one model for all" says', async () => {
    await start({ algorithm: 'seasonal-naive', shared: true });
    const payload = ['a', 'b'].flatMap((device) => rows({ rows: 150, device }));
    const { sent } = await tell({ payload });
    should(cardsOf(sent).map(({ device }) => device)).eql(['a', 'b']);
  });

  it('lets 50 devices at once wait their turn', async function () {
    this.timeout(60_000);
    await start({ algorithm: 'seasonal-naive' });
    const devices = Array.from({ length: 50 }, (_, i) => `tank-${i}`);
    const { sent, error } = await tell({
      payload: devices.flatMap((device, seed) => rows({ rows: 120, device, seed })),
    });
    should(error).be.undefined();
    should(cardsOf(sent).map(({ device }) => device)).eql(devices);
  });

  for (const [algorithm, goesOn] of [
    ['mlp', true],
    ['seasonal-naive', false],
  ] as const) {
    it(`${goesOn ? 'goes on from the version before' : 'trains anew all the same'} with ${algorithm}`, async () => {
      const params = forecaster(algorithm).testParams as object;
      await start({ algorithm, params, warmStart: true });
      const [first, second] = [
        await tell({ payload: rows({ rows: 480 }) }),
        await tell({ payload: rows({ rows: 480 }) }),
      ].map(({ sent }) => cardsOf(sent)[0]!);
      const started = 'Started from version 1, as far as that fits these readings.';
      should(first!.warnings).not.containEql(started);
      should(second!.warnings.includes(started)).equal(goesOn);
      const [one, two] = await Promise.all(
        [1, 2].map((version) => store.models.get({ name: 'default', device: 'tank-1' }, version)),
      );
      should(isDeepStrictEqual(one!.state, two!.state)).equal(!goesOn);
    });
  }

  describe('says', () => {
    it('how many readings are needed', async () => {
      await start();
      const { error } = await tell({ payload: rows({ rows: 37 }) });
      should(error?.message).equal(
        '"default" for tank-1: 37 readings came; at least 100 are needed. Collect more, then train again.',
      );
    });

    it('which fields there are, where none is named', async () => {
      await start({ target: '' });
      const { error } = await tell({ payload: rows({ rows: 150 }) });
      should(error?.message).match(/name the one to forecast. Fields there: level, inflow/);
    });

    it('that a model of that name detects', async () => {
      await start({ model: 'tank-level' });
      await store.models.save(makeArtifact({ name: 'tank-level', device: 'tank-1' }), true);
      const { error } = await tell({ payload: rows({ rows: 150 }) });
      should(error?.message).match(
        /The model "tank-level" for tank-1 detects: give the one that forecasts another name/,
      );
      should((await store.models.active({ name: 'tank-level', device: 'tank-1' }))?.artifact.version).equal(1);
    });
  });

  it('is cancelled by a message, quietly and at once', async function () {
    this.timeout(60_000);
    await start({ horizon: '1 d' });
    const training = reached('training');
    const cancelled = reached('cancelled');
    const outcome = tell({ payload: rows({ rows: 60_000, stepMs: 60_000 }) });
    await training;
    (await tell({ action: 'cancel' })).should.eql({ sent: [] });
    await cancelled;
    (await outcome).should.eql({ sent: [] });
    should(await store.models.active({ name: 'default', device: 'tank-1' })).be.null();
  });

  it('ends a million points in one message with a sentence, and forecasts from as many as may be', async function () {
    this.timeout(120_000);
    await start({ budgetSeconds: '1', target: '' });
    const payload = Array.from({ length: 1_000_000 }, (_, i) => ({ timestamp: 1.7e12 + i * 60_000, level: i % 1440 }));
    should((await tell({ payload })).error?.message).match(/array of 1000000; at most 100000 are read/);
    const { sent } = await tell({ payload: payload.slice(-100_000) });
    should(cardsOf(sent)[0]).containEql({ field: 'level', horizon: 1440 });
  });
});

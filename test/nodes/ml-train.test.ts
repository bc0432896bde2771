// Over 300 lines: all that one node does, through the same way to start it and to ask it.
import { join } from 'node:path';
import fc from 'fast-check';
import should from 'should';
import type { DetectorCard, ModelCard, SelfTest } from '#lib/core/artifact';
import type { ReadingTable } from '#lib/core/readings';
import { noteAlarm } from '#lib/detection/alarm-notes';
import { openStore, type OpenStore } from '#lib/store/open-store';
import type { TrainingProgress } from '#lib/training/model-trainer';
import mlTrain from '#nodes/ml-train/ml-train';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { telemetry, type TelemetryOptions } from '../support/telemetry';

/** A table as the messages that would have brought it. */
function rowsOf({ device, fields, timestampsMs, data, labels }: ReadingTable): Message[] {
  return Array.from(timestampsMs, (timestamp, row) => ({
    timestamp,
    device,
    ...Object.fromEntries(fields.map((field, c) => [field, data[row * fields.length + c]])),
    ...(labels && { label: labels[row] }),
  }));
}

const rows = (options: TelemetryOptions): Message[] => rowsOf(telemetry(options));

/** What came out of output 1. */
const cardsOf = (sent: readonly unknown[]): ModelCard[] =>
  (sent as (Message | null)[][]).flatMap(([first]) => (first ? [first.payload as ModelCard] : []));

describe('ml-train', () => {
  let store: OpenStore;
  // Before the folder's own hook: nobody must write to it while it is deleted.
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
        { id: 'train', type: 'ml-train', wires: [['cards'], ['progress']], algorithm: 'mad', ...config },
        { id: 'cards', type: 'helper' },
        { id: 'progress', type: 'helper' },
      ],
      { userDir: folder() },
    );
  const tell = (message: Message): ReturnType<typeof give> => give(runningNode('train'), message);
  /** Gives readings one by one, as they come from a plant. */
  const stream = async (messages: readonly Message[], more: Message = {}): Promise<void> => {
    for (const { device, ...payload } of messages) {
      const { error } = await tell({ payload, device, ...more });
      if (error) throw error;
    }
  };
  /** Resolves when a training has got so far. */
  const reached = (state: TrainingProgress['state']): Promise<void> =>
    new Promise((resolve) => {
      runningNode('progress').on('input', (message) => {
        if ((message.payload as TrainingProgress).state === state) resolve();
      });
    });
  const active = async (device: string, name = 'default'): Promise<number | null> =>
    (await store.models.active({ name, device }))?.artifact.version ?? null;

  describe('with a batch', () => {
    it('trains, saves, activates, and sends the card in the place of the readings', async () => {
      await start({ model: 'pump-health' });
      const { sent } = await tell({ _msgid: 'm', topic: 'plant', payload: rows({ rows: 300 }), parts: {}, action: '' });
      sent.should.have.length(1);
      const [[message, second]] = sent as [[Message, unknown]];
      should(second).be.null();
      message.should.have.only.keys('_msgid', 'topic', 'payload', 'device', 'model');
      message.should.containEql({ _msgid: 'm', topic: 'plant', device: 'pump-1', model: 'pump-health' });
      should(message.payload).containEql({
        name: 'pump-health',
        device: 'pump-1',
        version: 1,
        algorithm: 'mad',
        rows: 300,
        active: true,
      });
      should(await active('pump-1', 'pump-health')).equal(1);
    });

    it('says on the card which planted faults the model finds, and what labelled ones show', async () => {
      await start({ model: 'pump-health' });
      const leak = { from: 300, to: 400 };
      const { sent } = await tell({ payload: rows({ rows: 1000, leak, label: 'leak' }) });
      const [card] = cardsOf(sent) as DetectorCard[];
      const { faults, text } = card!.selfTest as Exclude<SelfTest, { readonly skipped: string }>;
      should(faults.find(({ fault, size }) => fault === 'shift' && size === 8)).containEql({ alarmed: 1 });
      text.should.match(/^Faults planted in held-out readings: .*\. An alarm takes about \d+ readings/);
      should(card!.metrics).containEql({ labelledRows: 100, recall: 1 });
      card!.metrics.auc!.should.be.above(0.99);
      card!.metrics.f1!.should.be.above(0.9);
    });

    it('keeps to a budget of false alarms a week, and says what auto chose and why', async () => {
      await start({ algorithm: 'auto', thresholdBy: 'false-alarms-per-week', thresholdValue: '2' });
      const { sent } = await tell({ payload: rows({ rows: 3000 }) });
      const [card] = cardsOf(sent) as DetectorCard[];
      card!.metrics.falseAlarmsPerDay!.should.be.approximately(2 / 7, 0.001);
      card!.algorithm.should.equal('mahalanobis');
      should(card!.warnings).containEql(
        'Chosen automatically: Correlation distance (Mahalanobis) on each field and its mean and deviation over ' +
          '45, 15, 5 rows, since many faults show only in how fields move together, some only over a while.',
      );
    });

    it('tells its progress on the second output', async () => {
      await start();
      const told: unknown[] = [];
      runningNode('progress').on('input', ({ payload }) => told.push(payload));
      const trained = reached('trained');
      await tell({ payload: rows({ rows: 300 }) });
      await trained;
      const progress = { model: 'default', device: 'pump-1' };
      told[0]!.should.eql({ ...progress, state: 'waiting', fraction: 0, secondsLeft: null });
      told[1]!.should.eql({ ...progress, state: 'training', fraction: 0, secondsLeft: null });
      told.at(-1)!.should.eql({ ...progress, state: 'trained', fraction: 1, secondsLeft: null });
    });

    it('shows what it does', async () => {
      await start();
      const shown = nextStatus(runningNode('train'), ({ fill }) => fill === 'green');
      await tell({ payload: rows({ rows: 300 }) });
      should(await shown).eql({ fill: 'green', shape: 'dot', text: 'v1 active' });
    });

    it('makes the next version of the model each time', async () => {
      await start();
      await tell({ payload: rows({ rows: 300 }) });
      const { sent } = await tell({ payload: rows({ rows: 300, seed: 2 }) });
      cardsOf(sent)[0]!.version.should.equal(2);
      should(await active('pump-1')).equal(2);
    });

    it('trains what the message asks for, and by the form again the next time', async () => {
      await start({ model: 'usual' });
      const training = { model: 'asked', algorithm: 'iqr', fields: ['flow'], threshold: 0.9 };
      const { sent } = await tell({ payload: rows({ rows: 300 }), training });
      const [card] = cardsOf(sent);
      should(card).containEql({ name: 'asked', algorithm: 'iqr', features: ['flow'], threshold: 0.9 });
      should((sent as Message[][])[0]![0])
        .containEql({ model: 'asked' })
        .and.not.have.property('training');
      should(await active('pump-1', 'asked')).equal(1);
      const again = await tell({ payload: rows({ rows: 300 }) });
      should(cardsOf(again.sent)[0]).containEql({ name: 'usual', algorithm: 'mad', threshold: 0.7 });
    });

    it('says which model a training that a message asked for was of, when it fails', async () => {
      await start();
      const { error } = await tell({ payload: rows({ rows: 300 }), training: { model: 'asked', fields: ['colour'] } });
      should(error?.message).match(/^"asked" for pump-1: .*colour/);
      should(error).have.property('code', 'DATA');
      const refused = await tell({ payload: rows({ rows: 300 }), training: { threshold: 1 } });
      should(refused.error?.message).match(/threshold must be a score above 0 and below 1/);
    });

    it('makes one model a device, and one message each', async () => {
      await start();
      const payload = ['a', 'b', 'c'].flatMap((device) => rows({ rows: 150, device }));
      const { sent, error } = await tell({ payload, topic: 't' });
      should(error).be.undefined();
      cardsOf(sent)
        .map(({ device }) => device)
        .should.eql(['a', 'b', 'c']);
      should((sent as Message[][]).map(([message]) => message!.topic)).eql(['t', 't', 't']);
    });

    it('makes one model for all devices where it is shared', async () => {
      await start({ shared: true });
      const payload = ['a', 'b', 'c'].flatMap((device) => rows({ rows: 60, device }));
      const { sent } = await tell({ payload });
      should(cardsOf(sent).map(({ device, rows }) => ({ device, rows }))).eql([{ device: '*', rows: 180 }]);
      should(await active('*')).equal(1);
    });

    it('says which devices had too few readings, and trains the others', async () => {
      await start({ model: 'pumps' });
      const payload = [...rows({ rows: 37, device: 'a' }), ...rows({ rows: 150, device: 'b' })];
      const { sent, error } = await tell({ payload });
      should(cardsOf(sent).map(({ device }) => device)).eql(['b']);
      should(error?.message).equal(
        '1 of 2 trainings failed. "pumps" for a: 37 readings came; at least 100 are needed. Collect more, then train again.',
      );
    });

    it('says how many readings came and how many are needed', async () => {
      await start({ minRows: '500' });
      const failed = nextStatus(runningNode('train'), ({ text }) => text === 'training failed');
      const { sent, error } = await tell({ payload: rows({ rows: 300 }) });
      sent.should.be.empty();
      should(error?.message).equal(
        '"default" for pump-1: 300 readings came; at least 500 are needed. Collect more, then train again.',
      );
      should(await failed).containEql({ fill: 'red', shape: 'ring' });
    });

    it('leaves the new version inactive where that is wanted', async () => {
      await start({ activate: false });
      const shown = nextStatus(runningNode('train'), ({ text }) => text === 'v1 not active');
      const { sent } = await tell({ payload: rows({ rows: 300 }) });
      cardsOf(sent)[0]!.active.should.be.false();
      cardsOf(sent)[0]!.activeReason.should.match(/wait until they are activated/);
      should(await active('pump-1')).be.null();
      should(await shown).containEql({ fill: 'yellow', shape: 'dot' });
    });

    it('is safe with names that mean something to JavaScript', async () => {
      await start({ model: '__proto__' });
      const { sent } = await tell({ payload: rows({ rows: 150, device: '__proto__' }) });
      should(cardsOf(sent)[0]).containEql({ name: '__proto__', device: '__proto__' });
      should(await active('__proto__', '__proto__')).equal(1);
    });

    it('refuses a device that is named like the model of all', async () => {
      await start();
      const { error } = await tell({ payload: rows({ rows: 150, device: '*' }) });
      should(error?.message).match(/"\*" cannot be the name of a device/);
    });
  });

  describe('with a sequence', () => {
    it('trains when all its messages have come, in any order', async () => {
      await start({ source: 'sequence' });
      const payload = rows({ rows: 300 });
      const part = (index: number): Message => ({
        payload: payload.slice(index * 100, (index + 1) * 100),
        parts: { id: 's', index, count: 3 },
      });
      (await tell(part(2))).should.eql({ sent: [] });
      (await tell(part(0))).should.eql({ sent: [] });
      const { sent } = await tell(part(1));
      cardsOf(sent)[0]!.rows.should.equal(300);
      sent.should.have.length(1);
    });

    it('trains when msg.complete ends it, with a payload or without', async () => {
      await start({ source: 'sequence' });
      for (const payload of rows({ rows: 149 })) await tell({ payload, parts: { id: 's' } });
      const { sent } = await tell({ complete: true });
      cardsOf(sent)[0]!.rows.should.equal(149);
    });

    it('says what is missing in a message of no sequence', async () => {
      await start({ source: 'sequence' });
      const { error } = await tell({ payload: { flow: 1 } });
      should(error?.message).match(/must have msg.parts, or msg.complete to end it/);
    });
  });

  describe('with a stream', () => {
    it('collects, and trains once by itself when there is enough', async () => {
      await start({ trainAfterRows: '120' });
      const collecting = nextStatus(runningNode('train'), ({ text }) => text?.startsWith('collect ') === true);
      const arrived = arrivals('cards', 1);
      await stream(rows({ rows: 119 }));
      should((await collecting).text).match(/^collect \d+\/120$/);
      await stream(rows({ rows: 200, startMs: Date.UTC(2026, 6, 1) }));
      const [message] = await arrived;
      should(message).containEql({ device: 'pump-1', model: 'default' });
      (message!.payload as ModelCard).rows.should.be.aboveOrEqual(120);
      should(await active('pump-1')).equal(1);
    });

    it('keeps the devices apart', async () => {
      await start({ trainAfterRows: '110' });
      const arrived = arrivals('cards', 2);
      const [a, b] = [rows({ rows: 110, device: 'a' }), rows({ rows: 110, device: 'b' })];
      await stream(a.flatMap((row, i) => [row, b[i]!]));
      const devices = (await arrived).map(({ device }) => device).sort();
      devices.should.eql(['a', 'b']);
    });

    it('trains when it is told to: one device, or all', async () => {
      await start({ trainAfterRows: '' });
      await stream([...rows({ rows: 120, device: 'a' }), ...rows({ rows: 120, device: 'b' })]);
      cardsOf((await tell({ action: 'train', payload: 17, device: 'b' })).sent)
        .map(({ device }) => device)
        .should.eql(['b']);
      const { sent } = await tell({ action: 'train', payload: 17, topic: 'button' });
      should(cardsOf(sent).map(({ device }) => device)).eql(['a', 'b']);
      should((sent[0] as Message[])[0]).containEql({ topic: 'button' });
      should((sent[0] as Message[])[0]).not.have.property('action');
    });

    it('says so when there is nothing to train on', async () => {
      await start();
      const { error } = await tell({ action: 'train', device: 'pump-9' });
      should(error?.message).equal('No readings have been collected from pump-9 yet; send some first, then train.');
    });

    it('trains again and again on a schedule, while readings come', async () => {
      await start({ trainAfterRows: '', retrainHours: '0.0001' });
      const arrived = arrivals('cards', 2);
      const trained = reached('trained');
      await stream(rows({ rows: 150 }));
      await trained;
      await stream(rows({ rows: 5, startMs: Date.UTC(2026, 6, 1) }));
      const versions = (await arrived).map(({ payload }) => (payload as ModelCard).version);
      versions.should.eql([1, 2]);
    });

    it('survives a restart', async () => {
      const all = rows({ rows: 150 });
      await start({ trainAfterRows: '150' });
      await stream(all.slice(0, 149));
      await unloadFlow();
      await start({ trainAfterRows: '150' });
      const arrived = arrivals('cards', 1);
      await stream(all.slice(149));
      ((await arrived)[0]!.payload as ModelCard).rows.should.equal(150);
    });

    it('leaves out what comes during an alarm, but not when a person asks', async () => {
      const leak = { from: 100, to: 200 };
      const all = rows({ rows: 300, leak });
      await start({ trainAfterRows: '300' });
      const arrived = arrivals('cards', 1);
      await stream(all.slice(0, 100), { anomaly: { isAnomaly: false } });
      await stream(all.slice(100, 150), { anomaly: { isAnomaly: true } });
      noteAlarm('default', 'pump-1', true);
      await stream(all.slice(150, 200));
      noteAlarm('default', 'pump-1', false);
      await stream(all.slice(200));
      const [message] = await arrived;
      (message!.payload as ModelCard).rows.should.equal(200);
      cardsOf((await tell({ action: 'train' })).sent)[0]!.rows.should.equal(300);
    });

    it('tells Catch nodes and the log when a training that nobody asked for fails', async () => {
      await start({ trainAfterRows: '100', step: '600' });
      const node = runningNode('train');
      const failed = new Promise<unknown[]>((resolve) => {
        (node as unknown as NodeJS.EventEmitter).on('call:error', ({ args }: { args: unknown[] }) => resolve(args));
      });
      await stream(rows({ rows: 100 }));
      const [sentence, message] = await failed;
      should(sentence).match(/^"default" for pump-1: 100 readings came, which make \d+ rows; at least 100 are needed/);
      should(message).containEql({ device: 'pump-1', model: 'default' });
    });
  });

  describe('is cancelled', () => {
    const slow = { algorithm: 'isolation-forest', params: { trees: 1000, sampleSize: 4096 } };
    const long = rows({ rows: 20_000 });

    it('by a message, quietly and at once', async () => {
      await start(slow);
      const training = reached('training');
      const cancelled = reached('cancelled');
      const outcome = tell({ payload: long });
      await training;
      (await tell({ action: 'cancel' })).should.eql({ sent: [] });
      await cancelled;
      (await outcome).should.eql({ sent: [] });
      should(await active('pump-1')).be.null();
    });

    it('for one device, while the others go on', async () => {
      await start(slow);
      const payload = ['a', 'b'].flatMap((device) => long.slice(0, 1000).map((row) => ({ ...row, device })));
      const training = reached('training');
      const outcome = tell({ payload });
      await training;
      await tell({ action: 'cancel', device: 'a' });
      cardsOf((await outcome).sent)
        .map(({ device }) => device)
        .should.eql(['b']);
    });

    it('by a redeploy, quietly', async () => {
      await start(slow);
      const training = reached('training');
      const outcome = tell({ payload: long });
      await training;
      await unloadFlow();
      (await outcome).should.eql({ sent: [] });
      should(await active('pump-1')).be.null();
    });
  });

  it('lets 60 devices wait their turn and fails none', async () => {
    await start({ trainAfterRows: '' });
    const devices = Array.from({ length: 60 }, (_, i) => `pump-${i}`);
    const payload = devices.flatMap((device, seed) => rows({ rows: 100, device, seed }));
    const { sent, error } = await tell({ payload });
    should(error).be.undefined();
    should(cardsOf(sent).map(({ device }) => device)).eql(devices);
  });

  describe('with settings that make no sense', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ minRows: 'many' }, /ml-train: minRows must be an integer from 10 .* got "many"/],
      [{ source: 'psychic' }, /ml-train: source must be one of auto, batch, sequence, stream, history, got "psychic"/],
      [{ thresholdBy: 'luck' }, /ml-train: thresholdBy must be one of score/],
      [{ retrainHours: '-1' }, /ml-train: retrainHours must be a number from 0.0001/],
    ];
    for (const [config, sentence] of wrong) {
      it(`answers each message by saying what is wrong with ${JSON.stringify(config)}`, async () => {
        await start(config);
        const { error } = await tell({ payload: 1 });
        should(error?.message).match(sentence);
      });
    }
  });

  it('answers to payloads of 10 MB and to deep ones', async () => {
    await start({ source: 'batch' });
    const size = 10 * 2 ** 20;
    const deep = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)) as unknown;
    const numbers = `[${'{"flow":1},'.repeat(size / 11)}{"flow":1}]`;
    for (const payload of ['x'.repeat(size), numbers, Buffer.alloc(size), new Float64Array(size / 8), deep]) {
      const { error } = await tell({ payload });
      should(error?.message).be.a.String();
      should(error?.message).not.match(/something unexpected/);
    }
  });

  for (const source of ['auto', 'batch', 'sequence', 'stream']) {
    it(`ends every message with an answer or a sentence, whatever comes (${source})`, async function () {
      this.timeout(60_000);
      await start({ source, minRows: '1000', trainAfterRows: '' });
      const value = fc.oneof(
        fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true }),
        fc.array(fc.dictionary(fc.string(), fc.double())),
        fc.constantFrom<unknown>('{"flow": 1', '__proto__', Buffer.from('1'), -1e300, [[1], [2, [3]]]),
      );
      const message = fc.record(
        {
          payload: value,
          topic: value,
          device: fc.oneof(value, fc.constant('*')),
          timestamp: value,
          action: fc.oneof(
            { arbitrary: fc.constant(undefined), weight: 4 },
            { arbitrary: fc.constantFrom('train', 'cancel'), weight: 1 },
            { arbitrary: value, weight: 1 },
          ),
          parts: fc.oneof(fc.anything(), fc.record({ id: fc.string(), index: fc.nat(3), count: fc.nat(3) })),
          complete: fc.anything(),
          anomaly: fc.anything(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(message, async (message) => {
          const { error } = await tell(message);
          should(error === undefined || error.message.length > 10).be.true();
          should(error?.message ?? '').not.match(/something unexpected/);
        }),
        { seed: 1, numRuns: 300 },
      );
    });
  }
});

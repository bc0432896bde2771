// Over 300 lines: all that one node does, through the same way to start it and to ask it.
import { join } from 'node:path';
import fc from 'fast-check';
import should from 'should';
import { Random } from '#lib/core/random';
import type { Anomaly } from '#lib/detection/anomaly';
import type { AlarmEvent, DetectionEvent, DriftEvent } from '#lib/detection/events';
import { openStore, type OpenStore } from '#lib/store/open-store';
import { train } from '#lib/training/train';
import mlDetect from '#nodes/ml-detect/ml-detect';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

/** A pump's payload; `fault` moves the flow far away. */
function payloads(rows: number, fault: (row: number) => boolean = () => false): Message[] {
  const random = new Random(3);
  return Array.from({ length: rows }, (_, row) => ({
    timestamp: Date.UTC(2026, 4, 4, 12) + row * 1000,
    flow: random.normal(fault(row) ? 300 : 100, 2),
    pressure: random.normal(6, 0.05),
  }));
}

/** What came out of output 1, and out of output 2. */
function outputs(sent: readonly unknown[]): { first: Message[]; events: DetectionEvent[] } {
  const both = sent.map((each) =>
    Array.isArray(each) ? (each as [Message | null, Message[]]) : [each as Message, []],
  );
  return {
    first: both.flatMap(([message]) => (message === null ? [] : [message as Message])),
    events: both.flatMap(([, events]) => (events as Message[]).map(({ payload }) => payload as DetectionEvent)),
  };
}

describe('ml-detect', () => {
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
      [mlDetect],
      [
        { id: 'detect', type: 'ml-detect', wires: [['readings'], ['events']], ...config },
        { id: 'readings', type: 'helper' },
        { id: 'events', type: 'helper' },
      ],
      { userDir: folder() },
    );
  const tell = (message: Message): ReturnType<typeof give> => give(runningNode('detect'), message);
  /** Gives payloads one by one; what came out of both outputs. */
  async function stream(messages: readonly Message[], more: Message = {}): Promise<ReturnType<typeof outputs>> {
    const sent: unknown[] = [];
    for (const payload of messages) {
      const outcome = await tell({ payload, device: 'pump-1', ...more });
      if (outcome.error) throw outcome.error;
      outcome.sent.should.have.length(1);
      sent.push(...outcome.sent);
    }
    return outputs(sent);
  }
  const trained = async (device: string): Promise<number> => {
    const artifact = await train(
      detectionRequest({
        name: 'default',
        device,
        algorithm: 'mad',
        tables: [telemetry({ rows: 300, device })],
      }),
    );
    return (await store.models.save(artifact, true)).version;
  };

  describe('as dropped on the canvas', () => {
    it('learns, then judges: the message goes on as it came, with its verdict', async () => {
      await start();
      const readings = payloads(101);
      const { first, events } = await stream(readings, { _msgid: 'm', topic: 'plant/pump', qos: 1 });
      first.map(({ payload }) => payload).should.eql(readings);
      first[0]!.should.have.only.keys('_msgid', 'topic', 'qos', 'payload', 'device', 'anomaly');
      should((first[0]!.anomaly as Anomaly).note).equal('learning: 0 of 100 readings');
      const verdict = first[100]!.anomaly as Anomaly;
      verdict.should.have.only.keys(
        ...['device', 'model', 'timestamp', 'isAnomaly', 'score', 'rawScore', 'threshold', 'severity'],
        ...['contributions', 'missing'],
      );
      should(verdict).containEql({
        device: 'pump-1',
        model: { name: 'default', version: 0, algorithm: 'streaming' },
        timestamp: '2026-05-04T12:01:40.000Z',
        severity: 'normal',
      });
      should(events).eql([]);
    });

    it('raises an alarm and clears it, as fresh messages on the second output', async () => {
      await start();
      const { events } = await stream(payloads(240, (row) => row >= 200 && row < 220));
      events.map(({ type }) => type).should.eql(['raised', 'cleared']);
      const [raised, cleared] = events as AlarmEvent[];
      raised!.text.should.match(
        /^pump-1: flow is [\d.]+, expected [\d.]+ to [\d.]+; (warning|critical) since 12:03 UTC\.$/,
      );
      should(cleared!.id).equal(raised!.id);
      const outcome = await tell({ payload: payloads(1)[0]!, device: 'pump-1', _msgid: 'm' });
      should(outcome.error).be.undefined();
    });

    it('shows what it does', async () => {
      await start();
      const node = runningNode('detect');
      const learning = nextStatus(node, ({ fill }) => fill === 'blue');
      await stream(payloads(40));
      should(await learning).eql({ fill: 'blue', shape: 'ring', text: 'learning 40/100' });
      const normal = nextStatus(node, ({ fill }) => fill === 'green');
      await stream(payloads(150).slice(40));
      should(await normal).eql({ fill: 'green', shape: 'dot', text: 'normal' });
      const alarm = nextStatus(node, ({ text }) => text === '1 alarm');
      await stream(payloads(160, (row) => row >= 150).slice(150));
      should((await alarm).shape).equal('dot');
    });
  });

  it('sends one message for one message: the event comes with its reading', async () => {
    await start({ raiseAfter: '1', warmUpRows: '50' });
    await stream(payloads(60));
    const [readings, events] = [arrivals('readings', 1), arrivals('events', 1)];
    runningNode('detect').receive({ payload: { flow: 900, pressure: 6 }, topic: 'x', device: 'pump-1' });
    const [[reading], [event]] = await Promise.all([readings, events]);
    should((reading!.anomaly as Anomaly).isAnomaly).be.true();
    should(event).have.property('topic', 'pump-1');
    should((event!.payload as AlarmEvent).type).equal('raised');
    should(event).not.have.property('device');
  });

  it('judges a batch as a batch, each row by its own device and time', async () => {
    await start({ warmUpRows: '20' });
    const rows = payloads(600).map((row, i): Message => ({ ...row, device: `pump-${i % 3}` }));
    const { sent } = await tell({ payload: rows });
    const { first } = outputs(sent);
    const verdicts = first[0]!.anomaly as Anomaly[];
    verdicts
      .map(({ device, timestamp }) => [device, timestamp])
      .should.eql(rows.map(({ device, timestamp }) => [device, new Date(timestamp as number).toISOString()]));
    const one = await tell({ payload: [rows[0]!] });
    outputs(one.sent).first[0]!.anomaly!.should.be.an.Array().and.have.length(1);
  });

  it('passes on what completes no reading, without a verdict', async () => {
    await start({ topicPattern: 'site/{device}/{field}', assemble: 'leading', leadingField: 'flow' });
    const pressure = await tell({ payload: 6, topic: 'site/pump-1/pressure' });
    outputs(pressure.sent).first.should.eql([{ payload: 6, topic: 'site/pump-1/pressure' }]);
    const flow = await tell({ payload: 100, topic: 'site/pump-1/flow' });
    should((outputs(flow.sent).first[0]!.anomaly as Anomaly).device).equal('pump-1');
  });

  it('keeps its alarm over a restart', async () => {
    await start();
    const readings = payloads(260, (row) => row >= 200 && row < 220);
    const before = await stream(readings.slice(0, 210));
    before.events.map(({ type }) => type).should.eql(['raised']);
    await unloadFlow();
    await start();
    const alarm = nextStatus(runningNode('detect'), ({ text }) => text === '1 alarm');
    should((await alarm).shape).equal('dot');
    const after = await stream(readings.slice(210));
    after.events.map(({ type, id }) => [type, id]).should.eql([['cleared', before.events[0]!.id]]);
  });

  it('escalates an alarm that nobody acknowledges, and latches it: one alarm for one event, over restarts too', async () => {
    // With a critical score of 1 no reading is critical by itself.
    const config = { latch: true, escalateSeconds: '10', criticalScore: '1' };
    const readings = payloads(260, (row) => row >= 200 && row < 230);
    const events: DetectionEvent[] = [];
    for (const [from, to] of [
      [0, 205],
      [205, 220],
      [220, 260],
    ] as const) {
      await start(config);
      events.push(...(await stream(readings.slice(from, to))).events);
      await unloadFlow();
    }
    await start(config);
    events.push(...outputs((await tell({ action: 'acknowledge', device: 'pump-1' })).sent).events);
    (events as AlarmEvent[])
      .map(({ type, severity, state, acknowledged }) => [type, severity, state, acknowledged])
      .should.eql([
        ['raised', 'warning', 'unacknowledged', false],
        ['changed', 'critical', 'unacknowledged', false],
        ['changed', 'critical', 'returned', false],
        ['cleared', 'normal', 'normal', true],
      ]);
    [...new Set(events.map(({ id }) => id))].should.have.length(1);
    events[1]!.text.should.match(/now critical, as nobody has acknowledged it/);
    events[2]!.text.should.match(/back to normal at 12:03 UTC after 30 s, not yet acknowledged/);
  });

  it('loses no reading’s effect when it is deployed anew in the middle of traffic', async () => {
    const readings = payloads(300, (row) => row >= 200 && row < 220);
    await start();
    const straight = await stream(readings, { device: 'straight' });
    const pieces: Message[] = [];
    for (const [from, to] of [
      [0, 70],
      [70, 199],
      [199, 203],
      [203, 300],
    ] as const) {
      await unloadFlow();
      await start();
      pieces.push(...(await stream(readings.slice(from, to), { device: 'broken' })).first);
    }
    const scores = (messages: Message[]): unknown[] => messages.map(({ anomaly }) => (anomaly as Anomaly).score);
    scores(pieces).should.eql(scores(straight.first));
  });

  it('ends what is under way when it is deployed anew, and goes on with what it had judged', async () => {
    await start({ warmUpRows: '20' });
    await stream(payloads(10));
    const underWay = [
      tell({ payload: payloads(2000), device: 'batch' }),
      ...payloads(50).map((payload) => tell({ payload, device: 'late' })),
    ];
    await unloadFlow();
    const outcomes = await Promise.all(underWay);
    should(outcomes.filter(({ error }) => error !== undefined)).eql([]);
    await start({ warmUpRows: '20' });
    const { first } = await stream(payloads(11).slice(10));
    should((first[0]!.anomaly as Anomaly).note).equal('learning: 10 of 20 readings');
  });

  it('judges by a new version with the very next message', async () => {
    await start();
    const reading = { flow: 100, pressure: 6, current: 20, temperature: 50 };
    const versionOf = async (): Promise<unknown> => {
      const { first } = await stream([reading], { device: 'pump-9' });
      return (first[0]!.anomaly as Anomaly).model.version;
    };
    should(await versionOf()).equal(0);
    await trained('*');
    should(await versionOf()).equal(1);
    await trained('pump-9');
    await trained('pump-9');
    should(await versionOf()).equal(2);
    await store.models.rollback({ name: 'default', device: 'pump-9' });
    should(await versionOf()).equal(1);
  });

  it('keeps many devices apart', async () => {
    await start({ warmUpRows: '20', maxDevices: '60' });
    const devices = Array.from({ length: 50 }, (_, i) => `pump-${i}`);
    const random = new Random(9);
    for (let row = 0; row < 40; row++) {
      await Promise.all(devices.map((device, i) => tell({ device, payload: { flow: random.normal(1000 * i, 1) } })));
    }
    const odd = await Promise.all(devices.map((device, i) => tell({ device, payload: { flow: 1000 * (i + 1) } })));
    const verdicts = odd.map(({ sent }) => outputs(sent).first[0]!.anomaly as Anomaly);
    verdicts.map(({ device }) => device).should.eql(devices);
    should(verdicts.filter(({ isAnomaly }) => isAnomaly).length).be.aboveOrEqual(49);
  });

  it('tells that a device is silent, and that it is back', async () => {
    await start({ noDataSeconds: '0.2' });
    const told = arrivals('events', 1);
    await stream(payloads(1));
    const [message] = await told;
    const event = message!.payload as DetectionEvent;
    should([event.type, event.device, message!.topic]).eql(['no-data', 'pump-1', 'pump-1']);
    const { events } = await stream(payloads(2).slice(1));
    events.map(({ type, id }) => [type, id]).should.eql([['cleared', event.id]]);
  });

  it('tells on the second output when readings have moved away from what the model learned', async () => {
    const random = new Random(5);
    const rows = (from: number, days: number, offset: number): Message[] =>
      Array.from({ length: days * 144 }, (_, i) => ({
        timestamp: Date.UTC(2026, 4, 4) + (from * 144 + i) * 600_000,
        flow: random.normal(100 + offset, 2),
        pressure: random.normal(6, 0.05),
      }));
    const history = rows(0, 14, 0);
    const artifact = await train(
      detectionRequest({
        name: 'default',
        algorithm: 'mad',
        tables: [
          {
            device: 'pump-1',
            fields: ['flow', 'pressure'],
            timestampsMs: Float64Array.from(history, ({ timestamp }) => timestamp as number),
            data: Float64Array.from(history.flatMap(({ flow, pressure }) => [flow as number, pressure as number])),
          },
        ],
      }),
    );
    await store.models.save(artifact, true);
    await start();
    // A batch a day: half a deviation too much is no alarm, but no longer what was learned either.
    const events: DetectionEvent[] = [];
    let last: Message | undefined;
    for (let day = 14; day < 28; day++) {
      const outcome = await tell({ payload: rows(day, 1, day < 18 ? 0 : 3), device: 'pump-1' });
      const { first, events: told } = outputs(outcome.sent);
      events.push(...told);
      last = first[0];
    }
    const drifts = events.filter(({ type }) => type === 'drift') as DriftEvent[];
    drifts.should.have.length(1);
    const [drift] = drifts;
    drift!.text.should.equal('pump-1: readings of flow have moved away from what default learned; train it again.');
    drift!.should.have.only.keys('type', 'text', 'device', 'model', 'severity', 'id', 'since', 'features');
    drift!.features[0]!.feature.should.equal('flow');
    const { drift: level } = (last!.anomaly as Anomaly[]).at(-1)!;
    should(level).have.property('feature', 'flow');
    level!.level.should.be.above(1);
  }).timeout(20_000);

  describe('obeys', () => {
    const raise = (device: string): ReturnType<typeof stream> =>
      stream(
        payloads(210, (row) => row >= 200),
        { device },
      );

    it('acknowledge, of one device or of all', async () => {
      await start();
      await raise('a');
      await raise('b');
      const one = outputs((await tell({ action: 'acknowledge', device: 'a' })).sent);
      should(one.first).eql([]);
      one.events
        .map((event) => [event.type, event.device, (event as AlarmEvent).acknowledged])
        .should.eql([['changed', 'a', true]]);
      outputs((await tell({ action: 'acknowledge' })).sent)
        .events.map(({ device }) => device)
        .should.eql(['b']);
      should((await tell({ action: 'acknowledge' })).sent).eql([]);
    });

    it('reset: the alarm ends and learning begins anew', async () => {
      await start();
      await raise('a');
      const { events } = outputs((await tell({ action: 'reset', device: 'a' })).sent);
      events.map(({ type }) => type).should.eql(['cleared']);
      const { first } = await stream(payloads(1), { device: 'a' });
      should((first[0]!.anomaly as Anomaly).note).equal('learning: 0 of 100 readings');
    });

    const refused: [what: string, message: Message, sentence: RegExp][] = [
      ['an unknown action', { action: 'silence' }, /msg\.action must be "acknowledge" or "reset", got "silence"/],
      ['an action that is no text', { action: {} }, /msg\.action must be/],
      ['a device that was never heard', { action: 'reset', device: 'x' }, /No device "x" has been heard/],
      ['a device that is no name', { action: 'reset', device: {} }, /msg\.device must be a name/],
    ];
    for (const [what, message, sentence] of refused) {
      it(`${what} by a sentence that helps`, async () => {
        await start();
        const { error, sent } = await tell(message);
        should(error?.message).match(sentence);
        should(sent).eql([]);
      });
    }
  });

  describe('refuses', () => {
    const wrong: [what: string, config: object, sentence: RegExp][] = [
      ['a number of readings that is none', { raiseAfter: 'three' }, /ml-detect: raiseAfter must be an integer from 1/],
      ['a score above 1', { criticalScore: '7' }, /criticalScore must be a number from 0 to 1, got 7/],
      ['too short a warm-up', { warmUpRows: '3' }, /warmUpRows must be an integer from 20/],
      ['a silence of no time', { noDataSeconds: '0' }, /noDataSeconds must be a number from 0.1/],
      ['a store that is not there', { store: 'gone' }, /store this node uses is missing/],
    ];
    for (const [what, config, sentence] of wrong) {
      it(`${what}, to each message`, async () => {
        await start(config);
        should((await tell({ payload: { flow: 1 } })).error?.message).match(sentence);
        should((await tell({ payload: { flow: 1 } })).error?.message).match(sentence);
      });
    }
  });

  it('ends every message, whatever is in it, in that message or in an error that is caught', async function () {
    this.timeout(120_000);
    const odd = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
      fc.double(),
      fc.constantFrom('__proto__', 'constructor', '{"flow": 1}', '[{"flow": 1}, 7]', Infinity, NaN, -0, 1e308),
    );
    const row = fc.dictionary(fc.constantFrom('flow', 'pressure', '__proto__', 'timestamp', 'device', 'a.b'), odd);
    const message = fc.record(
      {
        payload: fc.oneof(odd, row, fc.array(row, { maxLength: 8 })),
        topic: fc.oneof(odd, fc.constantFrom('site/a/flow', 'site/a/pressure')),
        device: fc.oneof(odd, fc.constantFrom('a', 'b', '__proto__')),
        timestamp: odd,
        action: fc.oneof(
          { weight: 20, arbitrary: fc.constant(undefined) },
          odd,
          fc.constantFrom('acknowledge', 'reset'),
        ),
        anomaly: odd,
        parts: odd,
      },
      { requiredKeys: [] },
    );
    let done = 0;
    for (const config of [
      { warmUpRows: '20', maxDevices: '5' },
      { topicPattern: 'site/{device}/{field}', raiseAfter: '1' },
    ]) {
      await start(config);
      await fc.assert(
        fc.asyncProperty(message, async (given) => {
          const { payload } = given;
          const { sent, error } = await tell(given);
          done++;
          if (error !== undefined) {
            should(error.message.length).be.above(20);
            should(error.message).not.match(/something unexpected/);
          } else if (given.action === undefined) {
            const { first } = outputs(sent);
            should(first).have.length(1);
            should(first[0]!.payload === payload || Number.isNaN(payload)).be.true();
          }
        }),
        { seed: 5, numRuns: 1500 },
      );
      await unloadFlow();
    }
    should(done).equal(3000);
  });
});

// Over 300 lines: all that one node does, through the same way to start it and to ask it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import should from 'should';
import type { BreachEvent } from '#lib/forecasting/events';
import type { Forecast } from '#lib/forecasting/forecast';
import type { Reading } from '#lib/core/readings';
import { toReadingTables } from '#lib/readings/reading-tables';
import { openStore, type OpenStore } from '#lib/store/open-store';
import mlForecast from '#nodes/ml-forecast/ml-forecast';
import { makeArtifact } from '../support/artifact';
import {
  arrivals,
  give,
  loadFlow,
  type Message,
  nextStatus,
  type Outcome,
  runningNode,
  unloadFlow,
} from '../support/flow';
import { temporaryFolder } from '../support/folder';
import { fitted } from '../support/forecaster';
import { HOUR_MS, START_MS, temperature } from '../support/temperature';

const payloadOf = ({ timestampMs, values }: Reading): Message => ({
  timestamp: timestampMs,
  ...Object.fromEntries(values),
});

/** What came out of output 1, and out of output 2. */
function outputs(sent: readonly unknown[]): { first: Message[]; events: BreachEvent[] } {
  const both = sent.map((each) => (Array.isArray(each) ? (each as unknown[]) : [each, null]));
  const listed = (output: unknown): Message[] =>
    Array.isArray(output) ? (output as Message[]) : output ? [output as Message] : [];
  return {
    first: both.flatMap(([first]) => listed(first)),
    events: both.flatMap(([, events]) => listed(events).map(({ payload }) => payload as BreachEvent)),
  };
}
const forecastOf = (message: Message | undefined): Forecast => message!.forecast as Forecast;

describe('ml-forecast', function () {
  this.timeout(60_000);
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
      [mlForecast],
      [
        { id: 'forecast', type: 'ml-forecast', wires: [['readings'], ['events']], ...config },
        { id: 'readings', type: 'helper' },
        { id: 'events', type: 'helper' },
      ],
      { userDir: folder() },
    );
  const tell = (message: Message): Promise<Outcome> => give(runningNode('forecast'), message);
  /** Gives readings one by one; what came out of both outputs. */
  async function stream(readings: readonly Reading[], more: Message = {}): Promise<ReturnType<typeof outputs>> {
    const sent: unknown[] = [];
    for (const reading of readings) {
      const outcome = await tell({ payload: payloadOf(reading), device: reading.device, ...more });
      if (outcome.error) throw outcome.error;
      should(outcome.sent.length).be.belowOrEqual(1);
      sent.push(...outcome.sent);
    }
    return outputs(sent);
  }
  /** Stores a model that repeats the last day. */
  const trained = async (to = 200, device = 'pump-1'): Promise<number> => {
    const table = toReadingTables(temperature({ to, device }))[0]!;
    const job = { table, series: { field: 'temperature' }, horizonMs: 24 * HOUR_MS };
    return (await store.models.save(await fitted(job, 'default'), true)).version;
  };

  describe('as dropped on the canvas', () => {
    it('learns, and then forecasts: the message goes on as it came, with one property more', async () => {
      await start();
      const node = runningNode('forecast');
      const learning = nextStatus(node, ({ text }) => text === 'learning 60/100');
      const readings = temperature({ to: 60 });
      const { first } = await stream(readings, { _msgid: 'm', topic: 'plant/pump', qos: 1 });
      first.map(({ payload }) => payload).should.eql(readings.map(payloadOf));
      first[0]!.should.have.only.keys('_msgid', 'topic', 'qos', 'payload', 'device');
      should(await learning).eql({ fill: 'blue', shape: 'ring', text: 'learning 60/100' });

      // A model is there as soon as it has been learned in the background.
      const ready = nextStatus(node, ({ fill }) => fill === 'green');
      await stream(temperature({ from: 60, to: 100 }));
      await ready;
      const forecast = nextStatus(node, ({ text }) => text?.includes(' in 1 h') === true);
      const later = await stream(temperature({ from: 100, to: 101 }));
      const made = forecastOf(later.first[0]);
      made.should.have.only.keys(
        ...['device', 'field', 'model', 'stepMs', 'level', 'points', 'trend', 'nextHour', 'accuracy'],
        'note',
      );
      should(made).containDeep({ device: 'pump-1', field: 'temperature', stepMs: HOUR_MS, level: 0.9 });
      should(made.points[0]!.timestamp).equal(new Date(START_MS + 101 * HOUR_MS).toISOString());
      for (const { lower, value, upper } of made.points) should(lower <= value && value <= upper).be.true();
      should((await forecast).text).match(/^[↗↘→] -?[\d.]+ in 1 h$/);
    });
  });

  it('uses a trained model at once, and a newer one with the very next message', async () => {
    await start();
    const versionAt = async (hour: number): Promise<number> => {
      const { first } = await stream(temperature({ from: hour, to: hour + 1 }));
      return forecastOf(first[0]).model.version;
    };
    await trained();
    should(await versionAt(200)).equal(1);
    await trained();
    should(await versionAt(201)).equal(2);
    await store.models.activate({ name: 'default', device: 'pump-1' }, 1);
    should(await versionAt(202)).equal(1);
  });

  it('forecasts a batch from its end, each device by itself', async () => {
    await start();
    const batch = ['a', 'b'].flatMap((device) =>
      temperature({ to: 72, device }).map((reading) => ({ ...payloadOf(reading), device })),
    );
    const { sent, error } = await tell({ payload: batch, topic: 'x' });
    should(error).be.undefined();
    const { first } = outputs(sent);
    should(first.length).equal(1);
    should(first[0]!.payload).equal(batch);
    const forecasts = first[0]!.forecast as Forecast[];
    should(forecasts.map(({ device }) => device)).eql(['a', 'b']);
    for (const { points } of forecasts) {
      should(points[0]!.timestamp).equal(new Date(START_MS + 72 * HOUR_MS).toISOString());
    }
    const one = outputs((await tell({ payload: temperature({ to: 72 }).map(payloadOf) })).sent);
    should(forecastOf(one.first[0]).device).equal('default');
  });

  it('forecasts by the clock, in messages of their own', async () => {
    await trained();
    await start({ when: 'timer', everySeconds: '0.1' });
    const told = arrivals('readings', 1);
    const { first } = await stream(temperature({ from: 200, to: 201 }));
    first[0]!.should.not.have.property('forecast');
    const [message] = await told;
    should(message).containEql({ topic: 'pump-1', device: 'pump-1' });
    should(forecastOf(message).points.length).equal(24);
  });

  it('forecasts when asked, one device or all', async () => {
    await trained();
    await trained(200, 'pump-2');
    await start({ when: 'asked', horizon: '6 h' });
    for (const device of ['pump-1', 'pump-2']) {
      const { first } = await stream(temperature({ from: 200, to: 201, device }));
      first[0]!.should.not.have.property('forecast');
    }
    const one = outputs((await tell({ action: 'forecast', device: 'pump-2', note: 'mine' })).sent);
    should(one.first[0]).containEql({ note: 'mine' }).and.not.have.property('action');
    should(forecastOf(one.first[0]).device).equal('pump-2');
    should(forecastOf(one.first[0]).points.length).equal(6);
    const all = outputs((await tell({ action: 'forecast' })).sent);
    should((all.first[0]!.forecast as Forecast[]).map(({ device }) => device)).eql(['pump-1', 'pump-2']);
  });

  it('forecasts every few samples', async () => {
    await trained();
    await start({ when: 'samples', everySamples: '4', horizon: '3 steps' });
    const { first } = await stream(temperature({ from: 200, to: 208 }));
    should(first.map((message) => 'forecast' in message)).eql([false, false, false, true, false, false, false, true]);
    should(forecastOf(first[3]).points.length).equal(3);
  });

  describe('for a chart', () => {
    it('sends a message a point, first the whole path, then what reaches further', async () => {
      await trained();
      await start({ chart: true, horizon: '3 h' });
      const shown = async (hour: number): Promise<unknown[]> => {
        const { first } = await stream(temperature({ from: hour, to: hour + 1 }));
        for (const point of first) {
          point.should.have.only.keys('topic', 'payload', 'timestamp');
          should(point.payload).be.a.Number();
        }
        return first.map(({ topic, timestamp }) => [topic, ((timestamp as number) - START_MS) / HOUR_MS]);
      };
      should(await shown(200)).eql([
        ['actual', 200],
        ...['forecast', 'lower', 'upper'].flatMap((line) => [201, 202, 203].map((hour) => [line, hour])),
      ]);
      should(await shown(201)).eql([
        ['actual', 201],
        ['forecast', 204],
        ['lower', 204],
        ['upper', 204],
      ]);
    });

    it('names the device where there are several', async () => {
      await trained();
      await trained(200, 'pump-2');
      await start({ chart: true, horizon: '1 step' });
      await stream(temperature({ from: 200, to: 201 }));
      const { first } = await stream(temperature({ from: 200, to: 201, device: 'pump-2' }));
      should(first.map(({ topic }) => topic)).eql(['pump-2 actual', 'pump-2 forecast', 'pump-2 lower', 'pump-2 upper']);
    });
  });

  describe('with a limit', () => {
    /** Ten hot hours from hour 210 on, and again a day later where it is meant to. */
    const hot = (again: boolean) => (hour: number) =>
      (hour >= 210 && hour < 220) || (again && hour >= 234 && hour < 244) ? 30 : 0;

    it('predicts a breach, which is reached', async () => {
      await trained();
      await start({ upperLimit: '75' });
      const node = runningNode('forecast');
      const before = await stream(temperature({ from: 200, to: 225, extra: hot(true) }));
      should(before.events.map(({ type }) => type)).eql(['breach-predicted']);
      const [predicted] = before.events;
      should(predicted!.text).match(
        /^pump-1: temperature will probably exceed 75 at 18:00 UTC, in 1\d h \(\d\d %\)\.$/,
      );
      should((await nextStatus(node, ({ fill }) => fill === 'red')).text).match(/^> 75 in [\d a-z]+$/);
      const after = await stream(temperature({ from: 225, to: 235, extra: hot(true) }));
      should(after.events.map(({ type, id }) => [type, id])).eql([['breach-reached', predicted!.id]]);
      should(after.events[0]!.severity).equal('critical');
    });

    it('withdraws what does not come', async () => {
      await trained();
      await start({ upperLimit: 'limit', upperLimitType: 'field' });
      const readings = temperature({ from: 200, to: 260, extra: hot(false) }).map((reading) => ({
        ...reading,
        values: new Map([...reading.values, ['limit', 75]]),
      }));
      const { events } = await stream(readings);
      should(events.map(({ type }) => type)).eql(['breach-predicted', 'breach-withdrawn']);
      should(events[1]!.id).equal(events[0]!.id);
    });

    it('that comes with messages; the last one given holds', async () => {
      await trained();
      await start({ lowerLimit: 'limits.low', lowerLimitType: 'msg' });
      await stream(temperature({ from: 200, to: 201 }), { limits: { low: 55 } });
      const { events } = await stream(temperature({ from: 201, to: 205 }));
      should(events[0]).containEql({ type: 'breach-predicted', limit: 55, direction: 'below' });
    });

    it('sends one message for one message: the event comes with its forecast', async () => {
      await trained();
      await start({ lowerLimit: '55', raiseAfter: '1' });
      const [readings, events] = [arrivals('readings', 1), arrivals('events', 1)];
      const [reading] = temperature({ from: 200, to: 201 });
      runningNode('forecast').receive({ payload: payloadOf(reading!), topic: 'x', device: 'pump-1' });
      const [[message], [event]] = await Promise.all([readings, events]);
      should(forecastOf(message).device).equal('pump-1');
      should(event).have.property('topic', 'pump-1');
      should((event!.payload as BreachEvent).type).equal('breach-predicted');
      should(event).not.have.property('device');
    });
  });

  it('keeps window, accuracy and an open prediction over a restart', async () => {
    await trained();
    const config = { lowerLimit: '55', horizon: '24 h' };
    const readings = temperature({ from: 200, to: 240 });
    await start(config);
    const straight = await stream(readings.map((reading) => ({ ...reading, device: 'straight' })));
    should(straight.first.every((message) => !('forecast' in message))).be.true();
    const before = await stream(readings.slice(0, 20));
    await unloadFlow();
    await start(config);
    const after = await stream(readings.slice(20));
    const events = [...before.events, ...after.events];
    should(events.map(({ type }) => type).slice(0, 2)).eql(['breach-predicted', 'breach-reached']);
    should(events[1]!.id).equal(events[0]!.id);
    const accuracies = [before.first.at(-1), after.first[0]].map((message) => forecastOf(message).accuracy);
    should(accuracies[0]).not.be.null();
    should(accuracies[1]!.since).equal(accuracies[0]!.since);
    should(accuracies[1]!.points).be.above(accuracies[0]!.points);
  });

  it('ends what is under way when it is deployed anew', async () => {
    await start();
    const underWay = [
      tell({ payload: temperature({ to: 400 }).map(payloadOf), device: 'batch' }),
      ...temperature({ to: 50 }).map((reading) => tell({ payload: payloadOf(reading), device: 'late' })),
    ];
    await unloadFlow();
    const outcomes = await Promise.all(underWay);
    should(outcomes.filter(({ error }) => error !== undefined)).eql([]);
  });

  it('forgets what it has learned when told to', async () => {
    await trained();
    await start({ lowerLimit: '55' });
    await stream(temperature({ from: 200, to: 203 }));
    const { events } = outputs((await tell({ action: 'reset', device: 'pump-1' })).sent);
    should(events.map(({ type }) => type)).eql(['breach-withdrawn']);
    should((await tell({ action: 'reset' })).sent).eql([]);
  });

  it('starts where its state is damaged', async () => {
    const path = join(folder(), 'flowsight-ml', 'state', 'default');
    await mkdir(path, { recursive: true });
    for (const kind of ['forecast', 'forecast-model', 'accuracy']) {
      await writeFile(join(path, `${kind}.jsonl`), '"pump-1"\t{"format":"flowsight-ml-state"\nnonsense\n');
    }
    await trained();
    await start();
    const { first } = await stream(temperature({ from: 200, to: 202 }));
    should(forecastOf(first[1]).model.version).equal(1);
  });

  it('warns where the model is a detector, and learns as it goes', async () => {
    await store.models.save(makeArtifact({ name: 'default', device: 'pump-1' }), true);
    await start();
    const warned = new Promise<string>((resolve) => {
      const node = runningNode('forecast');
      (node as unknown as NodeJS.EventEmitter).on('call:warn', ({ args }: { args: [string] }) => resolve(args[0]));
    });
    const { first } = await stream(temperature({ to: 2 }));
    should(first.length).equal(2);
    should(await warned).match(/detects, and does not forecast; use it in ml-detect/);
  });

  describe('refuses', () => {
    const messages: [what: string, config: object, message: Message, sentence: RegExp][] = [
      ['text', {}, { payload: 'hello' }, /./],
      ['null', {}, { payload: null }, /./],
      ['a Buffer', {}, { payload: Buffer.from('abc') }, /./],
      ['an empty array', {}, { payload: [] }, /./],
      ['an unknown action', {}, { action: 'predict' }, /msg\.action must be "forecast" or "reset", got "predict"/],
      ['a device that was never heard', {}, { action: 'forecast', device: 'x' }, /No device "x" has been heard/],
      ['a device that is no name', {}, { action: 'reset', device: {} }, /msg\.device must be a name/],
      ['to forecast before anything came', {}, { action: 'forecast' }, /send readings first/],
      [
        'a limit that is no number',
        { upperLimit: 'limit', upperLimitType: 'msg' },
        { payload: { flow: 1 }, limit: 'high' },
        /the limit in msg\.limit must be a number, got "high"/,
      ],
      [
        'too short an interval',
        { level: '0.1' },
        { payload: { flow: 1 } },
        /level must be a number from 0\.5 to 0\.99/,
      ],
      [
        'a horizon that is no time',
        { horizon: 'long' },
        { payload: { flow: 1 } },
        /horizon must be a time such as "24 h"/,
      ],
      ['too many steps', { horizon: '99999' }, { payload: { flow: 1 } }, /horizon must be an integer from 1 to 10080/],
      [
        'a limit that is text',
        { lowerLimit: 'low' },
        { payload: { flow: 1 } },
        /lowerLimit must be a number, got "low"/,
      ],
      [
        'limits between which there is nothing',
        { upperLimit: '10', lowerLimit: '20' },
        { payload: { flow: 1 } },
        /lowerLimit must be below upperLimit \(10\), got 20/,
      ],
      [
        'a time zone that does not exist',
        { timeZone: 'Mars/Base' },
        { payload: { flow: 1 } },
        /no time zone "Mars\/Base"; give an IANA name/,
      ],
      ['a time to forecast that it does not know', { when: 'never' }, { payload: { flow: 1 } }, /when must be one of/],
      ['a store that is not there', { store: 'gone' }, { payload: { flow: 1 } }, /store this node uses is missing/],
    ];
    for (const [what, config, message, sentence] of messages) {
      it(`${what}, by a sentence that helps`, async () => {
        await start(config);
        const { error, sent } = await tell(message);
        should(error?.message).match(sentence);
        should(sent).eql([]);
      });
    }
  });

  it('ends every message, whatever is in it, in that message or in an error that is caught', async function () {
    this.timeout(120_000);
    await start({ upperLimit: 'limit', upperLimitType: 'msg' });
    const odd = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
      fc.double(),
      fc.constantFrom('__proto__', 'constructor', '{"flow": 1}', '[{"flow": 1}, 7]', Infinity, NaN, -0, 1e308),
    );
    const row = fc.dictionary(fc.constantFrom('flow', 'pressure', '__proto__', 'timestamp', 'device', 'a.b'), odd);
    const message = fc.record(
      {
        payload: fc.oneof(odd, row, fc.array(row, { maxLength: 5 })),
        topic: odd,
        device: odd,
        timestamp: odd,
        action: fc.oneof(odd, fc.constantFrom('forecast', 'reset')),
        limit: odd,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(message, async (given) => {
        const { error } = await tell({ ...given });
        if (error !== undefined) should(error.message).not.match(/something unexpected/);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

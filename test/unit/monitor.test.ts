// Over 300 lines: one class, from a reading to a restart, on the same models.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import should from 'should';
import type { Artifact } from '#lib/core/artifact';
import type { Reading } from '#lib/core/readings';
import { inAlarm } from '#lib/detection/alarm-notes';
import type { Anomaly } from '#lib/detection/anomaly';
import type { AlarmEvent, DetectionEvent } from '#lib/detection/events';
import { ALARM_DEFAULTS } from '#lib/detection/alarm';
import { Monitor, type MonitorSettings } from '#lib/detection/monitor';
import { readingsOf } from '#lib/readings/reading-tables';
import { FolderStateStore } from '#lib/store/folder-state-store';
import { FolderStore } from '#lib/store/folder-store';
import { train } from '#lib/training/train';
import { makeForecaster } from '../support/artifact';
import { temporaryFolder } from '../support/folder';
import { ManualTimers } from '../support/manual-timers';
import { MINUTE_MS, START_MS, telemetry } from '../support/telemetry';
import { detectionRequest } from '../support/detection-request';

const settings: MonitorSettings = {
  model: 'pump-health',
  useOwn: true,
  useShared: true,
  useLearning: true,
  fields: [],
  warmUpRows: 50,
  timeZone: 'UTC',
  ...ALARM_DEFAULTS,
  criticalScore: 0.79,
  contributions: 3,
  noDataMs: null,
  maxDevices: 100,
};

/** A model of the telemetry's pump, or of one whose flow is elsewhere. */
async function model(device: string, flowOffset = 0, algorithm = 'mad'): Promise<Artifact> {
  const table = telemetry({ rows: 300, device });
  const data = table.data.map((value, i) => (i % table.fields.length === 0 ? value + flowOffset : value));
  return train(
    detectionRequest({
      device,
      algorithm,
      pipeline: {
        features: [
          {
            field: 'flow',
            window: 5,
            mean: true,
            deviation: false,
            minimum: false,
            maximum: false,
            lags: [],
            rate: false,
          },
        ],
      },
      tables: [{ ...table, data }],
    }),
  );
}

/** Live readings, one a minute; the leak is a fault that every model knows for one. */
const live = (device: string, rows: number, leak?: { from: number; to: number }, seed = 8): Reading[] => [
  ...readingsOf(telemetry({ rows, device, seed, startMs: START_MS + 1e9, ...(leak && { leak }) })),
];

describe('a monitor', () => {
  const folder = temporaryFolder();
  let models: FolderStore;
  let states: FolderStateStore;
  let problems: string[];
  let monitors: Monitor[];
  const report = (problem: string): void => void problems.push(problem);

  beforeEach(() => {
    problems = [];
    monitors = [];
    models = new FolderStore(folder());
    states = new FolderStateStore(folder(), { report, timers: new ManualTimers() });
  });
  afterEach(() => Promise.all(monitors.map((monitor) => monitor.close())));

  function open(changes: Partial<MonitorSettings> = {}, nowMs = 0): Monitor {
    const monitor = new Monitor(models, states, { ...settings, ...changes }, nowMs, report);
    monitors.push(monitor);
    return monitor;
  }

  /** A monitor of the same models that has no past. */
  function elsewhere(): Monitor {
    states = new FolderStateStore(join(folder(), `elsewhere-${monitors.length}`), {
      report,
      timers: new ManualTimers(),
    });
    return open();
  }

  interface Seen {
    readonly anomalies: Anomaly[];
    readonly events: DetectionEvent[];
  }
  /** Judges readings one by one, each at its own time. */
  async function judge(monitor: Monitor, readings: readonly Reading[]): Promise<Seen> {
    const seen: Seen = { anomalies: [], events: [] };
    for (const reading of readings) {
      const { anomalies, events } = await monitor.judge([reading], reading.timestampMs);
      seen.anomalies.push(...anomalies);
      seen.events.push(...events);
    }
    return seen;
  }
  const types = ({ events }: { readonly events: readonly DetectionEvent[] }): string[] =>
    events.map(({ type, device }) => `${device} ${type}`);

  describe('chooses who judges:', () => {
    it('the device’s own model, else the shared one, else what it learns', async () => {
      await models.save(await model('pump-1'), true);
      const monitor = open();
      const modelOf = async (device: string): Promise<unknown> => {
        const { anomalies } = await judge(monitor, live(device, 1));
        const { version, algorithm } = anomalies[0]!.model;
        return [version, algorithm];
      };
      should(await modelOf('pump-1')).eql([1, 'mad']);
      should(await modelOf('pump-2')).eql([0, 'streaming']);
      await models.save(await model('*', 0, 'iqr'), true);
      should(await modelOf('pump-1')).eql([1, 'mad']);
      should(await modelOf('pump-2')).eql([1, 'iqr']);
      await models.delete({ name: 'pump-health', device: 'pump-1' });
      should(await modelOf('pump-1')).eql([1, 'iqr']);
      should(problems).eql([]);
    });

    it('each step can be switched off', async () => {
      await models.save(await model('pump-1'), true);
      await models.save(await model('*', 0, 'iqr'), true);
      const algorithm = async (changes: Partial<MonitorSettings>): Promise<string> => {
        const { anomalies } = await judge(open(changes), live('pump-1', 1));
        return anomalies[0]!.model.algorithm;
      };
      should(await algorithm({ useOwn: false })).equal('iqr');
      should(await algorithm({ useOwn: false, useShared: false })).equal('streaming');
      const nobody = await judge(open({ useOwn: false, useShared: false, useLearning: false }), live('pump-1', 1));
      should(nobody.anomalies[0]?.severity).equal('unknown');
      should(nobody.anomalies[0]?.note).match(/no model "pump-health"/);
    });

    it('the next in line where a model is broken, and says so once', async () => {
      const stored = await models.save(await model('pump-1'), true);
      const monitor = open();
      await judge(monitor, live('pump-1', 1));
      const broken = { ...(await model('pump-1')), algorithm: { ...stored.algorithm, id: 'crystal-ball' } };
      await models.save(broken, true);
      const readings = live('pump-1', 300);
      const { anomalies } = await judge(monitor, readings);
      should(new Set(anomalies.map(({ model: { algorithm } }) => algorithm))).eql(new Set(['streaming']));
      should(problems.length).equal(1);
      should(problems[0]).match(/"pump-health" of pump-1 cannot be used.*crystal-ball/);
      await models.rollback({ name: 'pump-health', device: 'pump-1' });
      const after = await judge(monitor, live('pump-1', 1));
      should(after.anomalies[0]?.model).eql({ name: 'pump-health', version: 1, algorithm: 'mad' });
    });

    it('the next in line where the model of that name forecasts, and says where it belongs', async () => {
      await models.save(makeForecaster({ name: 'pump-health', device: 'pump-1' }), true);
      const { anomalies } = await judge(open(), live('pump-1', 300));
      should(new Set(anomalies.map(({ model: { algorithm } }) => algorithm))).eql(new Set(['streaming']));
      should(problems).eql([
        'The model "pump-health" of pump-1 cannot be used, so the next one in line is: ' +
          'it forecasts, and does not detect; use it in ml-forecast.',
      ]);
    });

    it('a new version with the very next reading, and another threshold too', async () => {
      await models.save(await model('pump-1'), true);
      const monitor = open();
      const [first, second, third] = live('pump-1', 3);
      should((await judge(monitor, [first!])).anomalies[0]?.isAnomaly).be.false();
      await models.save(await model('pump-1', 500), true);
      const judged = (await judge(monitor, [second!])).anomalies[0];
      should(judged?.model.version).equal(2);
      should(judged?.isAnomaly).be.true();
      await models.setThreshold({ name: 'pump-health', device: 'pump-1' }, 0.9999);
      should((await judge(monitor, [third!])).anomalies[0]?.isAnomaly).be.false();
    });

    it('and keeps windows and alarm over a new version', async () => {
      await models.save(await model('pump-1'), true);
      const readings = live('pump-1', 60, { from: 20, to: 60 });
      const monitor = open();
      const before = await judge(monitor, readings.slice(0, 30));
      should(types(before)).eql(['pump-1 raised']);
      await models.save(await model('pump-1'), true);
      const after = await judge(monitor, readings.slice(30));
      should(types(after)).eql([]);
      should(monitor.inAlarm('pump-1')).be.true();
      const straight = await judge(elsewhere(), readings);
      should(after.anomalies.map(({ score }) => score)).eql(straight.anomalies.slice(30).map(({ score }) => score));
    });
  });

  describe('with many devices', () => {
    it('keeps their order while models are read, even when nobody waits', async () => {
      await models.save(await model('pump-1'), true);
      const monitor = open();
      const readings = ['pump-1', 'pump-2', 'pump-3'].flatMap((device) => live(device, 40));
      readings.sort((a, b) => a.timestampMs - b.timestampMs);
      const found = await Promise.all(readings.map(async (reading) => monitor.judge([reading], reading.timestampMs)));
      const timestamps = found.flatMap(({ anomalies }) => anomalies.map(({ device, timestamp }) => device + timestamp));
      should(timestamps).eql(readings.map(({ device, timestampMs }) => device + new Date(timestampMs).toISOString()));
      const slowly = await judge(elsewhere(), readings);
      should(found.flatMap(({ anomalies }) => anomalies)).eql(slowly.anomalies);
    });

    it('judges a batch as it judges its readings one by one, and lets other work go on', async () => {
      await models.save(await model('*'), true);
      const batch = live('pump-1', 2000, { from: 500, to: 600 });
      const turns = { others: 0, over: false };
      const other = (): void => {
        turns.others++;
        if (!turns.over) setImmediate(other);
      };
      setImmediate(other);
      const together = await open().judge(batch, 0);
      turns.over = true;
      should(turns.others).be.above(15);
      should(together.anomalies.length).equal(2000);
      should(types(together)).eql(['pump-1 raised', 'pump-1 changed', 'pump-1 cleared']);
      should(together).eql(await judge(elsewhere(), batch));
    });

    it('judges at once, without a promise, when it knows the device', async () => {
      const monitor = open();
      const [first, second] = live('pump-1', 2);
      should(monitor.judge([first!], 0)).be.a.Promise();
      await monitor.judge([first!], 0);
      should(monitor.judge([second!], 0)).not.be.a.Promise();
    });

    it('puts the one longest not heard aside when there are too many, and goes on with it when it returns', async () => {
      const monitor = open({ maxDevices: 2 });
      const readings = (device: string): Reading[] => live(device, 40);
      await judge(monitor, readings('a').slice(0, 20));
      await judge(monitor, readings('b').slice(0, 20));
      await judge(monitor, readings('a').slice(20, 21));
      should(problems).eql([]);
      await judge(monitor, readings('c').slice(0, 20));
      should(problems.length).equal(1);
      should(problems[0]).match(/More than 2 devices send: "b", not heard for longest/);
      should(monitor.status().devices).equal(2);
      const back = await judge(monitor, readings('b').slice(20, 21));
      should(back.anomalies[0]?.note).equal('learning: 20 of 50 readings');
    });
  });

  describe('when closed and opened again', () => {
    it('goes on as if there had been no break, bit for bit, learning or trained', async () => {
      await models.save(await model('pump-2'), true);
      for (const device of ['pump-1', 'pump-2']) {
        const readings = live(device, 400, { from: 200, to: 260 });
        const straight = await judge(open({ useShared: false }), readings);
        await states.flush();
        states = new FolderStateStore(join(folder(), `again-${device}`), { report, timers: new ManualTimers() });
        const again: Seen = { anomalies: [], events: [] };
        for (const [from, to] of [
          [0, 30],
          [30, 202],
          [202, 230],
          [230, 262],
          [262, 400],
        ] as const) {
          const monitor = open({ useShared: false });
          const { anomalies, events } = await judge(monitor, readings.slice(from, to));
          again.anomalies.push(...anomalies);
          again.events.push(...events);
          await monitor.close();
          states = new FolderStateStore(join(folder(), `again-${device}`), { report, timers: new ManualTimers() });
        }
        should([types(again)[0], types(again).at(-1)]).eql([`${device} raised`, `${device} cleared`]);
        should(again).eql(straight);
        const { order } = again.events[0] as AlarmEvent;
        order[0]!.since.should.equal(new Date(readings[200]!.timestampMs).toISOString());
      }
      should(problems).eql([]);
    });

    it('knows its alarms before the devices send again', async () => {
      const readings = live('pump-1', 100, { from: 80, to: 100 });
      const before = open();
      should(types(await judge(before, readings))).eql(['pump-1 raised']);
      should(inAlarm('pump-health', 'pump-1')).be.true();
      await before.close();
      should(inAlarm('pump-health', 'pump-1')).be.false();
      const after = open();
      const events = await after.acknowledge('pump-1', 0);
      should(types({ events })).eql(['pump-1 changed']);
      should(after.status()).containEql({ devices: 1, alarms: 1 });
      should(inAlarm('pump-health', 'pump-1')).be.true();
    });

    it('knows an alarm about a value out of all reason, too', async () => {
      const table = telemetry({ rows: 900, device: 'pump-1' });
      const request = { name: 'pump-health', device: 'pump-1', algorithm: 'auto', params: {}, pipeline: {} };
      const threshold = { by: 'score', value: 0.7 } as const;
      const others = { threshold, minRows: 100, seed: 1, task: 'detection', learnAlarms: false } as const;
      await models.save(await train({ ...request, ...others, tables: [table] }), true);
      for (const flow of [1e6, -1e12, 1e90]) {
        const readings = live('pump-1', 100).map((reading, row): Reading => {
          return row < 90 ? reading : { ...reading, values: new Map([...reading.values, ['flow', flow]]) };
        });
        const before = open();
        const { anomalies, events } = await judge(before, readings);
        should(types({ events })).eql(['pump-1 raised']);
        should(JSON.parse(JSON.stringify(anomalies))).eql(anomalies);
        await before.close();
        const after = open();
        should(types({ events: await after.reset('pump-1', 0) })).eql(['pump-1 cleared']);
        await after.close();
      }
      should(problems).eql([]);
    });

    it('refuses what still waits', async () => {
      const monitor = open();
      const waiting = monitor.judge(live('pump-1', 1), 0) as Promise<unknown>;
      await Promise.all([monitor.close(), should(waiting).be.rejectedWith({ code: 'ABORTED' })]);
    });

    it('starts anew where a state is damaged, and says so', async () => {
      const readings = live('pump-1', 100, { from: 80, to: 100 });
      const before = open();
      await judge(before, readings.slice(0, 90));
      await before.close();
      for (const kind of ['alarm', 'learning'] as const) {
        const key = { model: 'pump-health', device: 'pump-1', kind };
        states.put(key, () => ({ alarm: 7, rows: {}, scorer: { detector: 'gone' } }));
      }
      const after = open();
      const { anomalies } = await judge(after, readings.slice(90));
      should(anomalies[0]?.note).equal('learning: 0 of 50 readings');
      should(problems.map((problem) => problem.includes('anew'))).eql([true, true]);
    });

    it('is not kept from starting by a file that is no state at all', async () => {
      await judge(open(), live('pump-1', 3));
      await states.flush();
      await writeFile(join(folder(), 'state', 'pump-health', 'alarm.jsonl'), 'no state\n');
      states = new FolderStateStore(folder(), { report, timers: new ManualTimers() });
      should((await judge(open(), live('pump-1', 3))).anomalies.length).equal(3);
    });
  });

  describe('of a device', () => {
    it('raises an alarm and clears it, and notes it for the process', async () => {
      const readings = live('pump-1', 160, { from: 100, to: 120 });
      const monitor = open();
      const { events } = await judge(monitor, readings.slice(0, 115));
      should(types({ events })).eql(['pump-1 raised']);
      should([monitor.inAlarm('pump-1'), inAlarm('pump-health', 'pump-1')]).eql([true, true]);
      should(types(await judge(monitor, readings.slice(115)))).eql(['pump-1 cleared']);
      should([monitor.inAlarm('pump-1'), inAlarm('pump-health', 'pump-1')]).eql([false, false]);
    });

    it('never changes the alarm by late readings', async () => {
      await models.save(await model('pump-1'), true);
      const [readings, faulty] = [live('pump-1', 50), live('pump-1', 50, { from: 0, to: 50 })];
      const monitor = open();
      await judge(monitor, readings);
      const { anomalies, events } = await judge(monitor, faulty.slice(0, 40));
      should(anomalies.filter(({ isAnomaly }) => isAnomaly).length).equal(40);
      should(events).eql([]);
    });

    it('judges nothing while its condition does not hold, and does not learn from it', async () => {
      const monitor = open({ judgeWhen: { field: 'running', comparison: '>', value: 0 } });
      const run = (running: number, rows: number, from: number): Reading[] =>
        live('pump-1', 300)
          .slice(from, from + rows)
          .map((reading) => ({
            ...reading,
            values: new Map([...[...reading.values].map(([f, v]) => [f, running * v] as const), ['running', running]]),
          }));
      await judge(monitor, run(1, 100, 0));
      const still = await judge(monitor, run(0, 100, 100));
      should(still.events).eql([]);
      should(new Set(still.anomalies.map(({ severity }) => severity))).eql(new Set(['unknown']));
      should(still.anomalies[0]?.note).equal('Not judged: only readings with running > 0 are, and running is 0.');
      const again = await judge(monitor, run(1, 50, 200));
      should(again.anomalies.filter(({ isAnomaly }) => isAnomaly).length).be.below(3);
    });

    it('is acknowledged, by name or with all others', async () => {
      const monitor = open();
      for (const device of ['a', 'b', 'c']) {
        await judge(monitor, live(device, 100, device === 'c' ? undefined : { from: 80, to: 100 }));
      }
      should(types({ events: await monitor.acknowledge('a', 0) })).eql(['a changed']);
      should(types({ events: await monitor.acknowledge(null, 0) })).eql(['b changed']);
      should(types({ events: await monitor.acknowledge('c', 0) })).eql([]);
      await should(monitor.acknowledge('nobody', 0)).be.rejectedWith({ code: 'NOT_FOUND', message: /"nobody"/ });
    });

    it('is reset: the alarm ends and learning begins anew, also after a restart', async () => {
      const monitor = open();
      for (const device of ['a', 'b']) await judge(monitor, live(device, 100, { from: 80, to: 100 }));
      const ended = await monitor.reset('a', START_MS + 2e9);
      should(types({ events: ended })).eql(['a cleared']);
      should(ended[0]?.until).equal(new Date(START_MS + 2e9).toISOString());
      const noteOf = async (device: string): Promise<unknown> =>
        (await judge(open(), live(device, 101).slice(100))).anomalies[0]?.note;
      await monitor.close();
      should(await noteOf('a')).equal('learning: 0 of 50 readings');
      should(await noteOf('b')).be.undefined();
      const all = open();
      should(types({ events: await all.reset(null, START_MS + 2e9) }).sort()).eql(['b cleared']);
      await all.close();
      should(await noteOf('b')).equal('learning: 0 of 50 readings');
    });
  });

  describe('of a silent device', () => {
    const noDataMs = 5 * MINUTE_MS;
    it('tells the silence once, and its end with the same id', async () => {
      const monitor = open({ noDataMs });
      const [first, second] = live('pump-1', 2);
      const nowMs = START_MS;
      await monitor.judge([first!], nowMs);
      should(monitor.checkSilence(nowMs + noDataMs - 1)).eql([]);
      const [silence] = monitor.checkSilence(nowMs + noDataMs);
      should(silence).containEql({ type: 'no-data', device: 'pump-1', severity: 'warning' });
      should(monitor.checkSilence(nowMs + 2 * noDataMs)).eql([]);
      should(monitor.status().silent).equal(1);
      const { events } = await monitor.judge([second!], nowMs + 3 * noDataMs);
      should(events.map(({ type, id }) => [type, id])).eql([['cleared', silence!.id]]);
      should(monitor.status().silent).equal(0);
    });

    it('goes on over a restart, but counts no time in which nobody listened', async () => {
      const before = open({ noDataMs });
      await before.judge(live('a', 1), START_MS);
      await before.judge(live('b', 1), START_MS + noDataMs);
      should(before.checkSilence(START_MS + noDataMs).map(({ device }) => device)).eql(['a']);
      await before.close();
      const restartMs = START_MS + 100 * noDataMs;
      const after = open({ noDataMs }, restartMs);
      await after.acknowledge(null, restartMs);
      should(after.checkSilence(restartMs)).eql([]);
      should(after.checkSilence(restartMs + noDataMs).map(({ device }) => device)).eql(['b']);
      const { events } = await after.judge(live('a', 1), restartMs + noDataMs);
      should(events.map(({ type, since }) => [type, since])).eql([['cleared', new Date(START_MS).toISOString()]]);
    });
  });

  it('refuses more than it can hold, and nothing of what it took', async () => {
    const monitor = open();
    const reading = live('pump-1', 1);
    const jobs = Array.from({ length: 10_100 }, () =>
      Promise.resolve(monitor.judge(reading, 0)).then(
        () => true,
        () => false,
      ),
    );
    const done = await Promise.all(jobs);
    should(done.filter((ok) => ok).length).be.within(9_990, 10_000);
    should(done.lastIndexOf(true)).be.below(10_000);
    await should(Promise.resolve(monitor.judge(reading, 0))).be.fulfilled();
  });
});

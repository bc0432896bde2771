// Over 300 lines: one class, from a reading to a restart, on the same models.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import should from 'should';
import type { ForecasterArtifact } from '#lib/core/artifact';
import { MlError } from '#lib/core/errors';
import type { Reading } from '#lib/core/readings';
import { BREACH_DEFAULTS } from '#lib/forecasting/breach';
import type { ForecastFindings } from '#lib/forecasting/forecast-device';
import { type Fitter, ForecastMonitor, type ForecastMonitorSettings } from '#lib/forecasting/forecast-monitor';
import type { LearningJob } from '#lib/forecasting/learner';
import { toReadingTables } from '#lib/readings/reading-tables';
import { FolderStateStore } from '#lib/store/folder-state-store';
import { FolderStore } from '#lib/store/folder-store';
import { makeArtifact } from '../support/artifact';
import { temporaryFolder } from '../support/folder';
import { fitted } from '../support/forecaster';
import { ManualTimers } from '../support/manual-timers';
import { HOUR_MS, START_MS, temperature } from '../support/temperature';

const settings: ForecastMonitorSettings = {
  model: 'temperature',
  useOwn: true,
  useLearning: true,
  field: '',
  horizonSteps: null,
  horizonMs: null,
  timeZone: 'UTC',
  neededSamples: 100,
  level: 0.9,
  everySamples: 1,
  limits: { above: null, below: null },
  breach: BREACH_DEFAULTS,
  maxDevices: 100,
};

const types = (found: { readonly events: readonly { readonly type: string }[] }): string[] =>
  found.events.map(({ type }) => type.replace('breach-', ''));

describe('a forecast monitor', () => {
  const folder = temporaryFolder();
  let models: FolderStore;
  let states: FolderStateStore;
  let problems: string[];
  let monitors: ForecastMonitor[];
  let jobs: LearningJob[];
  /** Fits that are under way. */
  let fits: Promise<unknown>[];
  const report = (problem: string): void => void problems.push(problem);
  const fit: Fitter = (job) => {
    jobs.push(job);
    const artifact = fitted(job);
    fits.push(artifact);
    return artifact;
  };

  beforeEach(() => {
    [problems, monitors, jobs, fits] = [[], [], [], []];
    models = new FolderStore(folder());
    states = new FolderStateStore(folder(), { report, timers: new ManualTimers() });
  });
  afterEach(() => Promise.all(monitors.map((monitor) => monitor.close())));

  function open(changes: Partial<ForecastMonitorSettings> = {}, fitter = fit): ForecastMonitor {
    const monitor = new ForecastMonitor(models, states, { ...settings, ...changes }, fitter, 0, report);
    monitors.push(monitor);
    return monitor;
  }

  /** What was learned, as another process would find it. */
  async function restart(monitor: ForecastMonitor): Promise<void> {
    await monitor.close();
    states = new FolderStateStore(folder(), { report, timers: new ManualTimers() });
  }

  /** Takes readings in one by one, and waits for whatever is fitted meanwhile. */
  async function stream(monitor: ForecastMonitor, readings: readonly Reading[]): Promise<ForecastFindings> {
    const all: ForecastFindings = { forecasts: [], actuals: [], events: [] };
    for (const reading of readings) {
      const found = await monitor.take([reading], {}, 0);
      all.forecasts.push(...found.forecasts);
      all.actuals.push(...found.actuals);
      all.events.push(...found.events);
      // Taking a model over is a job of its own, which this one waits for.
      const waiting = fits.splice(0);
      if (waiting.length > 0) await Promise.all(waiting).then(() => monitor.take([], {}, 0));
    }
    return all;
  }

  const jobFor = (readings: readonly Reading[], hours = 24): LearningJob => ({
    table: toReadingTables(readings)[0]!,
    series: { field: 'temperature' },
    horizonMs: hours * HOUR_MS,
  });
  const trained = async (to: number, device = 'pump-1', hours = 24): Promise<ForecasterArtifact> =>
    (await models.save(await fitted(jobFor(temperature({ to, device }), hours)), true)) as ForecasterArtifact;

  describe('without a trained model', () => {
    it('learns as readings come, and forecasts from a hundred samples on', async () => {
      const monitor = open();
      const { forecasts, actuals } = await stream(monitor, temperature({ to: 99 }));
      should(forecasts).eql([]);
      should(actuals.length).equal(99);
      should(monitor.status()).containDeep({ learning: { learned: 99, needed: 100 }, model: null, latest: null });
      const more = await stream(monitor, temperature({ from: 99, to: 110 }));
      should(more.forecasts.length).equal(10);
      const [first] = more.forecasts;
      should(first).containDeep({ device: 'pump-1', field: 'temperature', stepMs: HOUR_MS, level: 0.9 });
      should(first!.model).containEql({ name: 'temperature', version: 0 });
      // Hour 100 has come.
      should(first!.points.length).equal(20);
      should(first!.note).equal('It looks 20 h ahead as yet, a fifth of what it has seen.');
      should(first!.points[0]!.timestamp).equal(new Date(START_MS + 101 * HOUR_MS).toISOString());
      should(monitor.status().learning).be.null();
      should(problems).eql([]);
    });

    it('is not far off on a signal that repeats every day', async () => {
      const monitor = open();
      await stream(monitor, temperature({ to: 150 }));
      const { forecasts } = await monitor.ask('pump-1', 0);
      const later = temperature({ from: 150, to: 174 });
      forecasts[0]!.points.forEach(({ value }, i) =>
        should(Math.abs(value - later[i]!.values.get('temperature')!)).be.below(3),
      );
    });

    it('fits anew when there is twice as much, then about daily', async () => {
      await stream(open(), temperature({ to: 620 }));
      should(jobs.map(({ table }) => table.timestampsMs.length)).eql([100, 200, 300, 400, 500, 600]);
      jobs.length = 0;
      const minutes = temperature({ to: 3300, device: 'fast' }).map((reading, i) => ({
        ...reading,
        timestampMs: START_MS + i * 60_000,
      }));
      await stream(open({ model: 'other' }), minutes);
      should(jobs.map(({ table }) => table.timestampsMs.length)).eql([100, 200, 400, 800, 1600, 3040]);
    });

    it('looks a fifth as far ahead as it has seen, until that is as far as was asked', async () => {
      const { forecasts } = await stream(open({ horizonMs: 48 * HOUR_MS }), temperature({ to: 330 }));
      should([...new Set(forecasts.map(({ points }) => points.length))]).eql([20, 40, 48]);
      should(forecasts.at(-1)!.note).be.undefined();
    });

    it('takes a coarser grid where the horizon would take too many steps', async () => {
      const monitor = open({ horizonMs: 24 * HOUR_MS, neededSamples: 20 });
      const seconds = Array.from({ length: 1400 }, (_, i) => ({
        device: 'fast',
        timestampMs: START_MS + i * 1000,
        values: new Map([['flow', 5 + Math.sin(i / 100)]]),
      }));
      const { forecasts } = await stream(monitor, seconds);
      should(forecasts.at(-1)).containEql({ field: 'flow', stepMs: 60_000 });
    });

    it('forecasts the first field where there are several and none was named, and says so', async () => {
      const readings = temperature({ to: 110 }).map((reading) => ({
        ...reading,
        values: new Map([['id', 7], ...reading.values, ['flow', 3]]),
      }));
      const { forecasts } = await stream(open(), readings);
      should(forecasts[0]).containEql({ field: 'temperature' });
      should(forecasts[0]!.note).startWith('No field was chosen: temperature is forecast, the first of 2.');
      const named = await stream(open({ model: 'other', field: 'flow' }), readings);
      should(named.forecasts[0]).containEql({ field: 'flow' });
      should(named.forecasts[0]!.note).not.match(/No field/);
    });

    it('says which fields there are where the one to forecast does not come', async () => {
      const monitor = open({ field: 'pressure' });
      await stream(monitor, temperature({ to: 19 }));
      await stream(monitor, temperature({ from: 19, to: 20 })).should.be.rejectedWith(/pressure.*temperature/);
    });

    it('tells once that fitting fails, and tries again when there is as much again', async () => {
      let tries = 0;
      const monitor = open({}, () => {
        tries++;
        const failure = Promise.reject(new MlError('DATA', 'it cannot be learned.'));
        fits.push(failure.catch(() => undefined));
        return failure;
      });
      const { forecasts } = await stream(monitor, temperature({ to: 210 }));
      should(forecasts).eql([]);
      should(tries).equal(2);
      should(problems[0]).match(/No model could be learned of pump-1, .* it cannot be learned\.$/);
    });

    it('can be told not to learn', async () => {
      const monitor = open({ useLearning: false });
      const { forecasts } = await stream(monitor, temperature({ to: 150 }));
      should(forecasts).eql([]);
      should(jobs).eql([]);
      await monitor.ask('pump-1', 0).should.be.rejectedWith(/no model "temperature" for pump-1/i);
    });
  });

  describe('with a trained model', () => {
    it('forecasts with the very first reading, as far as the model was made for', async () => {
      await trained(200);
      const { forecasts } = await stream(open(), temperature({ from: 200, to: 201 }));
      should(forecasts.length).equal(1);
      should(forecasts[0]!.model).eql({ name: 'temperature', version: 1, algorithm: 'seasonal-naive' });
      should(forecasts[0]!.points.length).equal(24);
      should(jobs).eql([]);
    });

    it('looks as far ahead as it is told, in hours or in steps', async () => {
      await trained(200);
      const steps = async (hour: number, changes: Partial<ForecastMonitorSettings>): Promise<number> =>
        (await stream(open(changes), temperature({ from: hour, to: hour + 1 }))).forecasts[0]!.points.length;
      should(await steps(200, { horizonMs: 6 * HOUR_MS })).equal(6);
      should(await steps(201, { horizonMs: 6.5 * HOUR_MS })).equal(7);
      should(await steps(202, { horizonSteps: 50 })).equal(50);
    });

    it('goes over to it, and from version to version, with the next reading', async () => {
      const monitor = open();
      const versionAt = async (hour: number): Promise<number | undefined> =>
        (await stream(monitor, temperature({ from: hour, to: hour + 1 }))).forecasts[0]?.model.version;
      await stream(monitor, temperature({ to: 120 }));
      should(await versionAt(120)).equal(0);
      await trained(120);
      should(await versionAt(121)).equal(1);
      await trained(121);
      should(await versionAt(122)).equal(2);
      await models.rollback({ name: 'temperature', device: 'pump-1' });
      should(await versionAt(123)).equal(1);
    });

    it('tells once that a detector forecasts nothing, and learns as it goes', async () => {
      await models.save(makeArtifact({ name: 'temperature', device: 'pump-1' }), true);
      const { forecasts } = await stream(open(), temperature({ to: 110 }));
      should(forecasts.length).be.above(0);
      should(problems).eql([
        'The model "temperature" of pump-1 cannot be used: it detects, and does not forecast; use it in ml-detect.',
      ]);
    });

    it('can be told not to look for one', async () => {
      await trained(200);
      const { forecasts } = await stream(open({ useOwn: false }), temperature({ from: 200, to: 201 }));
      should(forecasts).eql([]);
    });
  });

  describe('of a batch', () => {
    it('fits a model at once where there is none, and forecasts from its end', async () => {
      const monitor = open();
      const readings = [...temperature({ to: 72 }), ...temperature({ to: 48, device: 'pump-2' })];
      const { forecasts, actuals } = await monitor.takeBatch(readings, {}, 0);
      should(forecasts.map(({ device, points }) => [device, points[0]!.timestamp])).eql([
        ['pump-1', new Date(START_MS + 72 * HOUR_MS).toISOString()],
        ['pump-2', new Date(START_MS + 48 * HOUR_MS).toISOString()],
      ]);
      should(actuals.length).equal(72 + 48);
    });

    it('goes on with the model where the next one overlaps, and begins anew where it does not', async () => {
      const monitor = open();
      await monitor.takeBatch(temperature({ to: 150 }), {}, 0);
      const next = await monitor.takeBatch(temperature({ from: 30, to: 180 }), {}, 0);
      should(jobs.length).equal(1);
      should(next.actuals.length).equal(30);
      should(next.forecasts[0]!.points[0]!.timestamp).equal(new Date(START_MS + 180 * HOUR_MS).toISOString());
      const older = await monitor.takeBatch(temperature({ to: 100 }), {}, 0);
      should(jobs.length).equal(2);
      should(older.forecasts[0]!.points[0]!.timestamp).equal(new Date(START_MS + 100 * HOUR_MS).toISOString());
    });

    it('brings the window of a trained model up to date', async () => {
      await trained(200);
      const { forecasts } = await open().takeBatch(temperature({ from: 150, to: 260 }), {}, 0);
      should(forecasts.length).equal(1);
      should(forecasts[0]!.model.version).equal(1);
      should(forecasts[0]!.points[0]!.timestamp).equal(new Date(START_MS + 260 * HOUR_MS).toISOString());
      should(jobs).eql([]);
    });

    it('that is small is collected like single readings', async () => {
      const monitor = open();
      for (let from = 0; from < 110; from += 10) {
        const { forecasts } = await monitor.takeBatch(temperature({ from, to: from + 10 }), {}, 0);
        should(forecasts.length).equal(from < 90 ? 0 : 1);
      }
      should(jobs.length).equal(1);
    });

    it('forecasts the devices that can be, and fails where none can', async () => {
      const monitor = open({ field: 'temperature' });
      const nothing = temperature({ to: 50, device: 'odd' }).map((each) => ({ ...each, values: new Map([['x', 1]]) }));
      const { forecasts } = await monitor.takeBatch([...nothing, ...temperature({ to: 50 })], {}, 0);
      should(forecasts.map(({ device }) => device)).eql(['pump-1']);
      should(problems[0]).match(/temperature/);
      await monitor.takeBatch(nothing, {}, 0).should.be.rejectedWith(/temperature/);
    });
  });

  describe('forecasts', () => {
    it('every few samples', async () => {
      await trained(200);
      const { forecasts } = await stream(open({ everySamples: 5 }), temperature({ from: 200, to: 220 }));
      should(forecasts.length).equal(4);
    });

    it('when asked: one device, or all that can be', async () => {
      await trained(200);
      await trained(200, 'pump-2');
      const monitor = open({ everySamples: null });
      await monitor.ask(null, 0).should.be.rejectedWith(/send readings first/);
      for (const device of ['pump-1', 'pump-2', 'pump-3']) {
        should((await stream(monitor, temperature({ from: 200, to: 202, device }))).forecasts).eql([]);
      }
      const devices = async (name: string | null): Promise<string[]> =>
        (await monitor.ask(name, 0)).forecasts.map(({ device }) => device);
      should(await devices('pump-2')).eql(['pump-2']);
      should(await devices(null)).eql(['pump-1', 'pump-2']);
      await monitor.ask('pump-3', 0).should.be.rejectedWith(/pump-3 cannot be forecast yet: 2 of 100 samples/);
      await monitor.ask('pump-9', 0).should.be.rejectedWith(/No device "pump-9" has been heard/);
    });

    it('when asked, from what a model learned, where nothing else has come', async () => {
      const monitor = open({ everySamples: null, useLearning: false });
      await monitor.ask('pump-1', 0).should.be.rejectedWith(/No device "pump-1" has been heard/);
      await trained(200);
      const { forecasts } = await monitor.ask('pump-1', 0);
      should(forecasts[0]!.points[0]!.timestamp).equal(new Date(START_MS + 200 * HOUR_MS).toISOString());
    });

    it('when asked for all, with models that were trained since they were heard', async () => {
      const monitor = open({ everySamples: null, useLearning: false });
      await stream(monitor, temperature({ from: 198, to: 200 }));
      await monitor.ask(null, 0).should.be.rejectedWith(/no model "temperature"/);
      await trained(200);
      should((await monitor.ask(null, 0)).forecasts).have.length(1);
    });

    it('by the clock, what has news', async () => {
      await trained(200);
      const monitor = open({ everySamples: null });
      await stream(monitor, temperature({ from: 200, to: 202 }));
      should(monitor.renew().forecasts.length).equal(1);
      should(monitor.renew().forecasts.length).equal(0);
      await stream(monitor, temperature({ from: 202, to: 203 }));
      should(monitor.renew().forecasts.length).equal(1);
    });
  });

  describe('with limits', () => {
    /** A drift of a degree every four hours, from hour 150 on, for so many hours. */
    const drift = (hours: number) => (hour: number) => Math.min(Math.max(0, hour - 150), hours) / 4;

    /** Ten hot hours from hour 210 on, that repeating the last day expects again. */
    const hot = (hour: number): number => (hour >= 210 && hour < 220 ? 30 : 0);

    it('predicts a breach, which is reached', async () => {
      await trained(200);
      const monitor = open({ limits: { above: { value: 75 }, below: null } });
      // The first day takes it by surprise, the second one does not.
      const extra = (hour: number): number => (hour < 234 ? hot(hour) : hot(hour - 24));
      const found = await stream(monitor, temperature({ from: 200, to: 235, extra }));
      should(types(found)).eql(['predicted', 'reached']);
      const [predicted, reached] = found.events;
      const at = new Date(START_MS + 234 * HOUR_MS).toISOString();
      should(predicted).containEql({ device: 'pump-1', field: 'temperature', limit: 75, direction: 'above', at });
      should(reached).containEql({ id: predicted!.id, at });
      should(reached!.inMs).be.aboveOrEqual(10 * HOUR_MS);
    });

    it('withdraws what does not come', async () => {
      await trained(200);
      const monitor = open({ limits: { above: { value: 75 }, below: null } });
      const found = await stream(monitor, temperature({ from: 200, to: 270, extra: hot }));
      should(types(found)).eql(['predicted', 'withdrawn']);
      should(found.events[1]!.id).equal(found.events[0]!.id);
      should(monitor.status().expected).eql([]);
    });

    it('takes them from another field, or from messages, and keeps the last one given', async () => {
      await trained(200);
      const field = open({ limits: { above: { field: 'max' }, below: null }, everySamples: null });
      const withMax = temperature({ from: 200, to: 203 }).map((each) => ({
        ...each,
        values: new Map([...each.values, ['max', 40]]),
      }));
      await stream(field, withMax);
      should(field.status().expected).eql([]);
      const message = open({ limits: { above: null, below: 'message' } });
      const [first, ...rest] = temperature({ from: 200, to: 206, extra: () => 30 });
      await message.take([first!], { below: 95 }, 0);
      const found = await stream(message, rest);
      should(found.events.every(({ limit, direction }) => limit === 95 && direction === 'below')).be.true();
    });

    it('ends a prediction of a limit that is no longer set', async () => {
      const limits = { above: { value: 75 }, below: null };
      const first = open({ limits });
      await stream(first, temperature({ to: 180, extra: drift(100) }));
      const isOpen = first.status().expected.length === 1;
      should(isOpen).be.true();
      await restart(first);
      const found = await stream(open(), temperature({ from: 180, to: 182, extra: drift(100) }));
      should(types(found)).eql(['withdrawn']);
    });
  });

  describe('over a restart', () => {
    it('keeps window, learned model, accuracy and an open prediction, to the bit', async () => {
      const limits = { above: { value: 75 }, below: null };
      const extra = (hour: number): number => Math.max(0, hour - 150) / 4;
      const readings = temperature({ to: 190, extra });
      const straight = await stream(open({ model: 'straight', limits }), readings);
      const pieces: ForecastFindings[] = [];
      for (const [from, to] of [
        [0, 60],
        [60, 130],
        [130, 180],
        [180, 190],
      ] as const) {
        const monitor = open({ limits });
        pieces.push(await stream(monitor, readings.slice(from, to)));
        await restart(monitor);
      }
      const points = (found: readonly ForecastFindings[]): unknown[] =>
        found.flatMap(({ forecasts }) => forecasts.map(({ points, accuracy }) => [points, accuracy]));
      should(points(pieces)).eql(points([straight]));
      should(straight.forecasts.at(-1)!.accuracy).not.be.null();
      should(pieces.flatMap(types)).eql(types(straight));
      should(pieces.flatMap(({ events }) => events.map(({ at }) => at))).eql(straight.events.map(({ at }) => at));
    });

    it('keeps how good forecasts were where whoever trains anew can find it', async () => {
      await trained(200);
      const monitor = open();
      const { forecasts } = await stream(monitor, temperature({ from: 200, to: 260 }));
      await restart(monitor);
      const kept = await states.load({ model: 'temperature', device: 'pump-1', kind: 'accuracy' });
      should(kept).containDeep({ field: 'temperature', stepMs: HOUR_MS, model: { version: 1 } });
      should(kept!.accuracy).eql(JSON.parse(JSON.stringify(forecasts.at(-1)!.accuracy)));
    });

    it('waits for data, however well it knows its devices', async () => {
      await trained(200);
      const before = open();
      should(before.status().isWaiting).be.true();
      await stream(before, temperature({ from: 200, to: 203 }));
      should(before.status().isWaiting).be.false();
      await restart(before);
      const after = open();
      should((await after.ask('pump-1', 0)).forecasts.length).equal(1);
      should(after.status()).containDeep({ devices: 1, isWaiting: true });
    });

    for (const kind of ['forecast', 'forecast-model']) {
      it(`starts anew where its state (${kind}) is damaged`, async () => {
        const monitor = open();
        await stream(monitor, temperature({ to: 120 }));
        await restart(monitor);
        const path = join(folder(), 'state', 'temperature', `${kind}.jsonl`);
        const text = await readFile(path, 'utf8');
        await writeFile(path, `${text.slice(0, 0.8 * text.length)}\n`);
        const { forecasts } = await stream(open(), temperature({ from: 120, to: 240 }));
        should(forecasts.length).be.above(0);
        should(problems.length).be.above(0);
      });
    }

    it('starts anew where a state is whole but holds nonsense', async () => {
      const nonsense = { limits: { above: 3, below: [] }, learning: { state: 7, window: 'x' }, predictor: [] };
      states.put({ model: 'temperature', device: 'pump-1', kind: 'forecast' }, () => nonsense);
      await states.flush();
      const { forecasts } = await stream(open(), temperature({ to: 110 }));
      should(forecasts.length).be.above(0);
      should(problems.length).equal(2);
    });
  });

  it('forgets a device when told to, and takes back what it expected', async () => {
    const monitor = open({ limits: { above: { value: 75 }, below: null } });
    await stream(monitor, temperature({ to: 180, extra: (hour) => Math.max(0, hour - 150) / 4 }));
    const events = await monitor.reset('pump-1', START_MS + 180 * HOUR_MS);
    should(types({ events })).eql(['withdrawn']);
    should(monitor.status()).containDeep({ devices: 0, expected: [], latest: null });
    await stream(monitor, temperature({ from: 180, to: 185 }));
    should(monitor.status().learning).eql({ learned: 5, needed: 100 });
    await monitor.reset('nobody', 0).should.be.rejectedWith(/No device "nobody"/);
  });

  it('puts devices aside beyond its limit, with what was learned', async () => {
    const monitor = open({ maxDevices: 2 });
    await stream(monitor, temperature({ to: 110, device: 'a' }));
    for (const device of ['b', 'c', 'd']) await stream(monitor, temperature({ to: 1, device }));
    should(monitor.status().devices).equal(2);
    should(problems[0]).match(/More than 2 devices send: "a"/);
    const { forecasts } = await stream(monitor, temperature({ from: 110, to: 111, device: 'a' }));
    should(forecasts.length).equal(1);
  });

  it('ends what waits when it is closed', async () => {
    let release: (() => void) | undefined;
    const monitor = open({}, (job) => new Promise((resolve) => (release = () => resolve(fitted(job)))));
    const batch = monitor.takeBatch(temperature({ to: 100 }), {}, 0);
    while (release === undefined) await new Promise((resolve) => setImmediate(resolve));
    await monitor.close();
    release();
    await batch.should.be.rejectedWith({ code: 'ABORTED' });
    await Promise.resolve(monitor.take(temperature({ to: 1 }), {}, 0)).should.be.rejectedWith({ code: 'ABORTED' });
  });
});

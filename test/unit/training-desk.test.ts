import { join } from 'node:path';
import should from 'should';
import type { ModelCard } from '#lib/core/artifact';
import { MlError } from '#lib/core/errors';
import { timeRange, type TimeRange } from '#lib/readings/time-range';
import { FolderStore } from '#lib/store/folder-store';
import { TrainingDesk } from '#lib/training/desk';
import { temporaryFolder } from '../support/folder';
import { MemoryStates } from '../support/memory-states';
import { telemetry } from '../support/telemetry';

const HOUR_MS = 3_600_000;

describe('a desk that trains on past readings by itself', () => {
  const folder = temporaryFolder();
  let nowMs = 0;
  let states: MemoryStates;
  let asked: readonly (readonly [device: string, range: TimeRange])[];
  /** How often the devices were looked for. */
  let looked: number;
  let desks: TrainingDesk[];
  beforeEach(() => {
    nowMs = Date.UTC(2026, 4, 10);
    states = new MemoryStates();
    asked = [];
    looked = 0;
    desks = [];
  });
  afterEach(() => Promise.all(desks.map((desk) => desk.close())));

  interface Told {
    readonly desk: TrainingDesk;
    /** The card or the error that comes next. */
    readonly next: () => Promise<ModelCard | MlError>;
  }

  async function open(devices = (): Promise<readonly string[]> => Promise.resolve(['a', 'b'])): Promise<Told> {
    const told: (ModelCard | MlError)[] = [];
    let wake: () => void = () => undefined;
    const tell = (one: ModelCard | MlError): void => {
      told.push(one);
      wake();
    };
    const desk = new TrainingDesk({
      request: {
        ...{ task: 'detection', name: 'pumps', algorithm: 'mad', params: {}, minRows: 100, seed: 1, pipeline: {} },
        threshold: { by: 'score', value: 0.7 },
      },
      shared: false,
      activate: true,
      warmStart: false,
      store: new FolderStore(join(folder(), 'models')),
      states,
      windows: { maxRows: 1000, maxDevices: 10, onLimit: () => undefined },
      schedule: { minRows: 100, everyMs: 24 * HOUR_MS },
      history: {
        devices: () => {
          looked++;
          return devices();
        },
        read: ({ device, fromMs, toMs }) => {
          asked = [...asked, [device, { fromMs, toMs }]];
          return Promise.resolve(telemetry({ rows: 150, device }));
        },
        rangeOf: timeRange,
      },
      clock: () => nowMs,
      inAlarm: () => false,
      onProgress: () => undefined,
      onCard: tell,
      onError: tell,
    });
    desks.push(desk);
    await desk.restore();
    const next = async (): Promise<ModelCard | MlError> => {
      while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return told.shift()!;
    };
    return { desk, next };
  }

  it('does so when it is time, each device on the readings of the time up to now', async () => {
    const { desk, next } = await open();
    nowMs += 24 * HOUR_MS - 1;
    desk.tick();
    should(looked).equal(0);
    nowMs += 1;
    desk.tick();
    for (const device of ['a', 'b']) should(await next()).containEql({ device, version: 1 });
    const range = { fromMs: nowMs - 168 * HOUR_MS, toMs: nowMs };
    should(asked).eql([
      ['a', range],
      ['b', range],
    ]);
  });

  it('goes by the same plan after a restart', async () => {
    await open();
    await states.flush();
    nowMs += 12 * HOUR_MS;
    const early = await open();
    early.desk.tick();
    should(looked).equal(0);
    nowMs += 100 * HOUR_MS;
    const late = await open();
    late.desk.tick();
    for (const device of ['a', 'b']) should(await late.next()).containEql({ device, version: 1 });
  });

  it('tells once what failed, and tries again when it is time again', async () => {
    let isAway = true;
    const devices = (): Promise<readonly string[]> =>
      isAway ? Promise.reject(new MlError('DATABASE', 'The database is away.')) : Promise.resolve(['b']);
    const { desk, next } = await open(devices);
    nowMs += 24 * HOUR_MS;
    desk.tick();
    should(await next()).containEql({ code: 'DATABASE', message: 'The database is away.' });
    isAway = false;
    desk.tick();
    should(looked).equal(1);
    nowMs += 24 * HOUR_MS;
    desk.tick();
    should(await next()).containEql({ device: 'b', version: 1 });
  });

  it('is cancelled while it looks for the devices', async () => {
    const { desk } = await open(() => new Promise(() => undefined));
    const order = { kind: 'history', device: undefined, range: { fromMs: 0, toMs: 1 } } as const;
    const training = desk.handle(order, () => should.fail(1, 0, 'nothing can be trained', ''));
    await desk.handle({ kind: 'cancel', device: undefined }, () => undefined);
    await should(training).be.rejectedWith({ code: 'ABORTED' });
  });
});

import should from 'should';
import { MlError } from '#lib/core/errors';
import type { ReadingTable } from '#lib/core/readings';
import type { HistoryQuery } from '#lib/postgres/history/source';
import { timeRange } from '#lib/readings/time-range';
import { HistorySchedule } from '#lib/training/history-schedule';
import { neededFields } from '#lib/training/needed-fields';
import type { TrainingPlan } from '#lib/training/request';
import { HistoryJobs, type TrainingHistory } from '#lib/training/training-history';
import { MemoryStates } from '../support/memory-states';
import { telemetry } from '../support/telemetry';

const common = { name: 'pumps', algorithm: 'mad', params: {}, minRows: 100, seed: 1 };
const detection: TrainingPlan = {
  ...common,
  task: 'detection',
  pipeline: {},
  threshold: { by: 'score', value: 0.7 },
};
const forecast: TrainingPlan = {
  ...common,
  task: 'forecast',
  series: { field: 'load', others: ['flow'] },
  horizonMs: 1000,
  budgetSeconds: 1,
};

describe('the fields that a training needs', () => {
  const judgeWhen = { field: 'running', comparison: '>', value: 0 } as const;
  const derived = [{ name: 'load', operation: 'percent', part: 'used', whole: 'size' }] as const;

  it('are all while none is named', () => {
    should(neededFields({ ...detection, pipeline: { derived, judgeWhen } })).eql([]);
    should(neededFields({ ...forecast, series: { field: '', derived } })).eql([]);
  });

  it('are those that are named, what others are made from, and what a condition looks at', () => {
    const pipeline = { fields: ['flow', 'load'], derived, judgeWhen };
    should(neededFields({ ...detection, pipeline })).eql(['flow', 'used', 'size', 'running']);
    should(neededFields({ ...forecast, series: { field: 'load', others: ['flow', 'used'], derived } })).eql([
      'flow',
      'used',
      'size',
    ]);
  });
});

describe('what is to be trained from past readings', () => {
  const range = { fromMs: 0, toMs: 3_600_000 };
  const signal = new AbortController().signal;
  const queries: HistoryQuery[] = [];
  const empty = (device: string): ReadingTable => ({
    device,
    fields: [],
    timestampsMs: new Float64Array(0),
    data: new Float64Array(0),
  });

  function history(
    devices: readonly string[],
    tableOf = (device: string) => telemetry({ rows: 5, device }),
  ): TrainingHistory {
    queries.length = 0;
    return {
      devices: () => Promise.resolve(devices),
      read: (query) => {
        queries.push(query);
        return Promise.resolve(tableOf(query.device));
      },
      rangeOf: timeRange,
    };
  }
  const jobsOf = (past: TrainingHistory, shared = false, request: TrainingPlan = detection): HistoryJobs =>
    new HistoryJobs(past, { request, shared, maxDevices: 3 });

  it('is each device, which is read when its turn comes and not before', async () => {
    const jobs = await jobsOf(history(['a', 'b']), false, forecast).jobs(undefined, range, signal);
    should(jobs.map(({ target }) => target)).eql(['a', 'b']);
    should(queries).be.empty();
    const [table] = await jobs[1]!.tables(signal);
    should(table!.device).equal('b');
    should(queries).eql([{ device: 'b', ...range, fields: ['load', 'flow'] }]);
  });

  it('is the device that is named, whether it is listed or not', async () => {
    const [job, ...more] = await jobsOf(history([])).jobs('c', range, signal);
    should(job!.target).equal('c');
    should(more).be.empty();
  });

  it('is one model of all devices that have readings, where it is shared', async () => {
    const past = history(['a', 'b', 'c'], (device) =>
      device === 'b' ? empty(device) : telemetry({ rows: 5, device }),
    );
    const [job] = await jobsOf(past, true).jobs('a', range, signal);
    should(job!.target).equal('*');
    should((await job!.tables(signal)).map(({ device }) => device)).eql(['a', 'c']);
  });

  it('is refused where there is nothing, or too much', async () => {
    const when = 'from 1970-01-01T00:00:00.000Z to 1970-01-01T01:00:00.000Z';
    await should(jobsOf(history([])).jobs(undefined, range, signal)).be.rejectedWith({ code: 'NOT_FOUND' });
    await should(jobsOf(history(['a', 'b', 'c', 'd'])).jobs(undefined, range, signal)).be.rejectedWith({
      code: 'LIMIT',
      message:
        '4 devices are in the database, more than the 3 that are allowed. Raise the limit of devices if these are ' +
        'real ones, or name one in msg.device.',
    });
    const [nothing] = await jobsOf(history(['a'], empty)).jobs('a', range, signal);
    await should(nothing!.tables(signal)).be.rejectedWith({
      code: 'TOO_FEW_ROWS',
      message: `No readings are in the database ${when}: check the name and the time.`,
    });
    const [none] = await jobsOf(history(['a'], empty), true).jobs(undefined, range, signal);
    await should(none!.tables(signal)).be.rejectedWith({ code: 'TOO_FEW_ROWS' });
    // The numbers are not looked at: one buffer of 80 MB does for all.
    const data = new Float64Array(10_000_000);
    const large = history(['a', 'b', 'c'], (device) => ({ ...telemetry({ rows: 1, device }), data }));
    const [tooMuch] = await jobsOf(large, true).jobs(undefined, range, signal);
    await should(tooMuch!.tables(signal)).be.rejectedWith(/^All devices together have more than 25,000,000 numbers/);
    should(queries).have.length(3);
  });

  it('ends with what the database says', async () => {
    const past = { ...history([]), devices: () => Promise.reject(new MlError('DATABASE', 'gone')) };
    await should(jobsOf(past).jobs(undefined, range, signal)).be.rejectedWith({ code: 'DATABASE', message: 'gone' });
  });
});

describe('the schedule of past readings', () => {
  const HOUR_MS = 3_600_000;
  const restored = async (states: MemoryStates, nowMs: number): Promise<HistorySchedule> => {
    const schedule = new HistorySchedule('pumps', HOUR_MS, states);
    await schedule.restore(nowMs);
    return schedule;
  };

  it('is due so long after the first start, then so long after each training', async () => {
    const schedule = await restored(new MemoryStates(), 0);
    should(schedule.isDue(HOUR_MS - 1)).be.false();
    should(schedule.isDue(HOUR_MS)).be.true();
    schedule.attempted(HOUR_MS + 5);
    should(schedule.isDue(2 * HOUR_MS)).be.false();
    should(schedule.isDue(2 * HOUR_MS + 5)).be.true();
  });

  it('goes on over restarts, at once where it is overdue', async () => {
    const states = new MemoryStates();
    await restored(states, 0);
    await states.flush();
    should((await restored(states, HOUR_MS / 2)).isDue(HOUR_MS)).be.true();
    const late = await restored(states, 7 * HOUR_MS);
    should(late.isDue(7 * HOUR_MS)).be.true();
    late.attempted(7 * HOUR_MS);
    await states.flush();
    should((await restored(states, 7 * HOUR_MS)).isDue(8 * HOUR_MS - 1)).be.false();
  });

  it('is not put off by a clock that was ahead', async () => {
    const states = new MemoryStates();
    await restored(states, 1000 * HOUR_MS);
    await states.flush();
    should((await restored(states, 0)).isDue(HOUR_MS)).be.true();
  });

  it('is never due without one, and keeps nothing', async () => {
    const states = new MemoryStates();
    const schedule = new HistorySchedule('pumps', undefined, states);
    await schedule.restore(0);
    schedule.attempted(0);
    should(schedule.isDue(Number.MAX_SAFE_INTEGER)).be.false();
    await states.flush();
    should(states.texts.size).equal(0);
  });
});

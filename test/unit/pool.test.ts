import { execFile } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import should from 'should';
import { processWide } from '#lib/core/process-wide';
import { openPool, type JobOptions, type Pool } from '#lib/training/pool';
import type { OddJob } from '../fixtures/workers/odd-jobs';

const worker = join(__dirname, '..', 'fixtures', 'workers', 'odd-jobs.js');
const numbers = Float64Array.of(1, 2, 3);

describe('the worker pool', () => {
  let pool: Pool;
  const run = (job: OddJob, options?: JobOptions): Promise<number> => pool.run<OddJob, number>(worker, job, options);

  beforeEach(() => {
    pool = openPool();
  });
  afterEach(() => pool.close());

  it('runs a job in another thread', async () => {
    (await run({ do: 'sum', numbers })).should.equal(6);
    numbers.length.should.equal(3);
  });

  it('hands typed arrays over where it is told to', async () => {
    const given = Float64Array.of(4, 5);
    (await run({ do: 'sum', numbers: given }, { transfer: [given.buffer] })).should.equal(9);
    given.length.should.equal(0);
  });

  it('lets 500 jobs wait their turn', async () => {
    const jobs = Array.from({ length: 500 }, (_, i) => run({ do: 'sum', numbers: Float64Array.of(i, 1) }));
    (await Promise.all(jobs)).should.eql(Array.from({ length: 500 }, (_, i) => i + 1));
  });

  it('tells progress', async () => {
    const seen: number[] = [];
    await run({ do: 'progress' }, { onProgress: (fraction) => seen.push(fraction) });
    seen.should.eql([0.25, 0.5, 0.75]);
  });

  it('brings errors across with their code', async () => {
    await should(run({ do: 'fail' })).be.rejectedWith({
      name: 'MlError',
      code: 'TOO_FEW_ROWS',
      message: 'Too few rows.',
    });
    await should(run({ do: 'throw' })).be.rejectedWith({ name: 'MlError', code: 'WORKER', message: 'A defect.' });
  });

  for (const crash of ['exit', 'crash'] as const) {
    it(`fails the job whose worker ends by ${crash}, and no other`, async () => {
      const failed = run({ do: crash });
      const others = Array.from({ length: 5 }, () => run({ do: 'sum', numbers }));
      await should(failed).be.rejectedWith({ code: 'WORKER', message: /worker stopped unexpectedly/ });
      (await Promise.all(others)).should.eql([6, 6, 6, 6, 6]);
    });
  }

  it('says so when a job needs more memory than it may have', async () => {
    await should(run({ do: 'out-of-memory' })).be.rejectedWith({
      code: 'WORKER',
      message: /more memory than the 512 MB/,
    });
    (await run({ do: 'sum', numbers })).should.equal(6);
  });

  it('fails a job whose thread cannot start, and goes on', async () => {
    const failed = run({ do: 'sum', numbers });
    await new Promise((resolve) => setImmediate(resolve));
    const { piscina } = processWide<{ piscina?: { threads: EventEmitter[] } }>('training-pool/1', () => ({}));
    piscina!.threads[0]!.emit('error', new Error('no memory for a thread'));
    await should(failed).be.rejectedWith({ code: 'WORKER', message: /stopped unexpectedly/ });
    (await run({ do: 'sum', numbers })).should.equal(6);
  });

  it('stops a busy loop at once when the job is cancelled', async () => {
    const controller = new AbortController();
    let begun = (): void => undefined;
    const began = new Promise<void>((resolve) => (begun = resolve));
    const job = run({ do: 'hang' }, { signal: controller.signal, onProgress: begun });
    const waiting = run({ do: 'sum', numbers });
    await began;
    controller.abort();
    await should(job).be.rejectedWith({ code: 'ABORTED' });
    (await waiting).should.equal(6);
  });

  it('refuses a job that was cancelled before it began', async () => {
    await should(run({ do: 'sum', numbers }, { signal: AbortSignal.abort() })).be.rejectedWith({ code: 'ABORTED' });
  });

  it('keeps the threads for the other users until the last one goes', async () => {
    const shared = processWide<{ users: number; piscina?: object }>('training-pool/1', () => ({ users: -1 }));
    const before = shared.users;
    const other = openPool();
    shared.users.should.equal(before + 1);
    await run({ do: 'sum', numbers });
    await other.close();
    await other.close();
    shared.users.should.equal(before);
    should(shared.piscina).be.ok();
    await should(other.run(worker, { do: 'sum', numbers })).be.rejectedWith({ code: 'ABORTED' });
    (await run({ do: 'sum', numbers })).should.equal(6);
  });

  it('does not keep the process from ending, even when nobody closed it', async () => {
    const script = `
      const { openPool } = require('#lib/training/pool');
      openPool().run(${JSON.stringify(worker)}, { do: 'sum', numbers: Float64Array.of(1, 2) }).then(console.log);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: process.cwd(),
      timeout: 15_000,
    });
    stdout.trim().should.equal('3');
  });
});

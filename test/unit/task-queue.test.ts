import should from 'should';
import { TaskQueue } from '#lib/training/queue';

const never = new AbortController().signal;

/** A task that ends when it is told to. */
function task(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    run: async () => {
      log.push(`${name} starts`);
      await ended;
      log.push(`${name} ends`);
      return name;
    },
    end: () => {
      end();
    },
  };
}

describe('a queue of trainings', () => {
  it('runs one task at a time, in order', async () => {
    const queue = new TaskQueue(1, 10, 10);
    const log: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) => task(log, name));
    const results = tasks.map(({ run }) => queue.run(run));
    queue.waiting.should.equal(2);
    tasks.reverse().forEach(({ end }) => {
      end();
    });
    (await Promise.all(results)).should.eql(['a', 'b', 'c']);
    log.should.eql(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    queue.waiting.should.equal(0);
  });

  it('goes on after a task that failed', async () => {
    const queue = new TaskQueue(1, 10, 10);
    const failed = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('yes'));
    await should(failed).be.rejectedWith('no');
    (await next).should.equal('yes');
  });

  it('lets a waiting task be cancelled at once, and the others go on', async () => {
    const queue = new TaskQueue(1, 10, 10);
    const log: string[] = [];
    const first = task(log, 'first');
    const running = queue.run(first.run);
    const controller = new AbortController();
    const cancelled = queue.run(task(log, 'cancelled').run, controller.signal, 10);
    const last = queue.run(() => Promise.resolve('last'), never, 0);
    controller.abort();
    await should(cancelled).be.rejectedWith({ code: 'ABORTED' });
    queue.waiting.should.equal(1);
    first.end();
    (await Promise.all([running, last])).should.eql(['first', 'last']);
    log.should.eql(['first starts', 'first ends']);
  });

  it('refuses what it cannot hold, by number and by size', async () => {
    const queue = new TaskQueue(1, 2, 10);
    const first = task([], 'first');
    const running = queue.run(first.run);
    const held = queue.run(() => Promise.resolve(), never, 7);
    await should(queue.run(() => Promise.resolve(), never, 4)).be.rejectedWith(/^1 trainings are waiting already/);
    const small = queue.run(() => Promise.resolve(), never, 3);
    await should(queue.run(() => Promise.resolve())).be.rejectedWith({ code: 'LIMIT' });
    first.end();
    await Promise.all([running, held, small]);
    await queue.run(() => Promise.resolve(), never, 10);
  });
});

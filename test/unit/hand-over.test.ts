import should from 'should';
import { handOver } from '#lib/postgres/history/hand-over';

describe('handing over what a task gives', () => {
  it('gives it in order, and waits with each until it was dealt with', async () => {
    const events: string[] = [];
    const walk = handOver<number>(async (give) => {
      for (let i = 1; i <= 3; i++) {
        await give(i);
        events.push(`given ${i}`);
      }
    });
    for await (const item of walk) {
      await Promise.resolve();
      events.push(`taken ${item}`);
    }
    events.should.eql(['taken 1', 'given 1', 'taken 2', 'given 2', 'taken 3', 'given 3']);
  });

  it('ends with the error of the task, after what came before it', async () => {
    const taken: number[] = [];
    const walk = async (): Promise<void> => {
      const items = handOver<number>(async (give) => {
        await give(1);
        throw new Error('lost');
      });
      for await (const item of items) taken.push(item);
    };
    await should(walk()).rejectedWith('lost');
    taken.should.eql([1]);
  });

  it('lets the task end where the walk is broken off', async () => {
    let ended = false;
    const items = handOver<number>(async (give) => {
      try {
        await give(1);
        await give(2);
      } finally {
        ended = true;
      }
    });
    for await (const item of items) {
      item.should.equal(1);
      break;
    }
    ended.should.be.true();
  });
});

import should from 'should';
import { Turns } from '#lib/core/turns';

const words = { full: 'Too many wait.', closed: 'It ended.' };

describe('turns', () => {
  it('are taken one after the other, in the order in which jobs came, whatever becomes of them', async () => {
    const turns = new Turns(10, words);
    const done: string[] = [];
    const slow = turns.take(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push('slow');
    });
    const failing = turns.take(() => {
      done.push('failing');
      throw new Error('no');
    });
    const last = turns.take(() => done.push('last'));
    should(turns.isFree).be.false();
    await Promise.all([slow, failing.should.be.rejectedWith('no'), last]);
    done.should.eql(['slow', 'failing', 'last']);
    should(turns.isFree).be.true();
  });

  it('are refused where too many wait', async () => {
    const turns = new Turns(2, words);
    const jobs = [turns.take(() => 1), turns.take(() => 2)];
    await turns.take(() => 3).should.be.rejectedWith({ code: 'LIMIT', message: 'Too many wait.' });
    (await Promise.all(jobs)).should.eql([1, 2]);
    (await turns.take(() => 3)).should.equal(3);
  });

  it('end with the job that runs', async () => {
    const turns = new Turns(10, words);
    let hasStarted: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (hasStarted = resolve));
    const running = turns.take(async () => {
      hasStarted();
      await new Promise((resolve) => setImmediate(resolve));
      return 'done';
    });
    const waiting = turns.take(() => 'never').should.be.rejectedWith({ code: 'ABORTED', message: 'It ended.' });
    await started;
    await turns.close();
    (await running).should.equal('done');
    await waiting;
    await turns.take(() => 'late').should.be.rejectedWith({ code: 'ABORTED' });
  });
});

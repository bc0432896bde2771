import { Recovery } from '#lib/detection/recovery';

const window = (rows: number) => ({ features: [{ kind: 'window', field: 'flow', statistic: 'mean', rows }] }) as const;

describe('the recovery from a disturbance', () => {
  it('asks for half of the worst there was', () => {
    const recovery = new Recovery(window(45));
    recovery.bar.should.equal(0);
    recovery.next(4);
    recovery.bar.should.equal(2);
    recovery.next(1);
    recovery.bar.should.be.within(1.95, 2);
    recovery.next(5);
    recovery.bar.should.equal(2.5);
  });

  it('forgets, the sooner the shorter the windows are: what does not go away is an anomaly again', () => {
    const rowsUntilForgotten = (rows: number): number => {
      const recovery = new Recovery(window(rows));
      recovery.next(4);
      let passed = 0;
      for (; recovery.bar > 1.2; passed++) recovery.next(1.2);
      return passed;
    };
    rowsUntilForgotten(45).should.be.within(60, 120);
    rowsUntilForgotten(10).should.be.within(10, 30);
  });

  it('is not blinded for long by a reading without measure', () => {
    const recovery = new Recovery(window(45));
    recovery.next(1e12);
    recovery.bar.should.be.belowOrEqual(3);
  });

  it('has nothing to wait for without windows', () => {
    const recovery = new Recovery({ features: [{ kind: 'value', field: 'flow' }] });
    recovery.next(100);
    recovery.bar.should.equal(0);
  });

  it('goes on where it was, and takes no nonsense from a damaged state', () => {
    new Recovery(window(45), 2.5).bar.should.equal(2.5);
    for (const damaged of [-1, NaN, Infinity, 1e9]) {
      new Recovery(window(45), damaged).bar.should.be.within(0, 3);
    }
  });
});

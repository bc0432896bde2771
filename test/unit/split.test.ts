import fc from 'fast-check';
import should from 'should';
import { auc, qualityOf } from '#lib/training/quality';
import { splitRows } from '#lib/training/split';

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

describe('splitting rows', () => {
  it('fits the head, leaves a gap, and holds out the tail', () => {
    splitRows([range(0, 100)], 4).should.eql({ fit: range(0, 70), heldOut: range(74, 100) });
  });

  it('splits each device by itself', () => {
    const { fit, heldOut } = splitRows([range(0, 10), range(10, 30)], 0);
    fit.should.eql([...range(0, 7), ...range(10, 24)]);
    heldOut.should.eql([...range(7, 10), ...range(24, 30)]);
  });

  it('never gives up more than a third of the tail to the gap', () => {
    splitRows([range(0, 100)], 1000).should.eql({ fit: range(0, 70), heldOut: range(80, 100) });
  });

  it('uses no row twice, keeps their order, and holds out the newest, whatever is left out', () => {
    const rows = fc.uniqueArray(fc.nat(10_000), { minLength: 20, maxLength: 300 }).map((r) => r.sort((a, b) => a - b));
    fc.assert(
      fc.property(rows, fc.nat(50), (rows, lookback) => {
        const { fit, heldOut } = splitRows([rows], lookback);
        const used = [...fit, ...heldOut];
        used.should.eql([...new Set(used)].sort((a, b) => a - b));
        should(fit).eql(rows.slice(0, fit.length));
        should(heldOut.at(-1)).equal(rows.at(-1));
        heldOut.length.should.be.within(rows.length / 6, rows.length / 3);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('quality on labelled rows', () => {
  it('is precision, recall, their harmonic mean, accuracy, false positives and the area under the curve', () => {
    const quality = qualityOf(Float64Array.of(0.1, 0.2, 0.8, 0.3), Float64Array.of(0.9, 0.75, 0.2), 0.7);
    const rates = { precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, accuracy: 5 / 7, falsePositiveRate: 1 / 4 };
    quality.should.eql({ ...rates, auc: (4 + 3 + 1.5) / 12 });
  });

  it('says null where nothing was called an anomaly', () => {
    const quality = qualityOf(Float64Array.of(0.1), Float64Array.of(0.2), 0.7);
    quality.should.eql({ precision: null, recall: 0, f1: 0, accuracy: 1 / 2, falsePositiveRate: 0, auc: 1 });
  });

  it('has an area of one half for scores that say nothing', () => {
    auc(Float64Array.of(1, 1, 1), Float64Array.of(1, 1)).should.equal(0.5);
    auc(Float64Array.of(1, 3), Float64Array.of(2)).should.equal(0.5);
    auc(Float64Array.of(2, 3), Float64Array.of(1)).should.equal(0);
  });
});

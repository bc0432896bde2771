import should from 'should';
import { addCounts, auc, countVerdicts, rates } from '../../bench/support/metrics';

describe('the benchmarks’ metrics', () => {
  it('auc is the share of pairs in the right order, ties counting half', () => {
    // Pairs (anomaly, normal): .35 against .1 and .4, .8 against .1 and .4: three of four (scikit-learn's own example).
    auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).should.equal(0.75);
    auc([1, 1, 1, 1], [0, 1, 0, 1]).should.equal(0.5);
    auc([1, 2, 2, 3], [0, 0, 1, 1]).should.equal(0.875);
    auc([3, 2, 1], [false, false, true]).should.equal(0);
  });

  it('auc is not a number where one class is absent', () => {
    auc([1, 2], [0, 0]).should.be.NaN();
  });

  it('rates follow from the counts, added up over files', () => {
    const one = countVerdicts([1, 1, 0, 0], [1, 0, 1, 0]);
    const other = countVerdicts([1, 0, 0, 0], [1, 0, 0, 0]);
    const both = addCounts(one, other);
    should(both).eql({ truePositives: 2, falsePositives: 1, falseNegatives: 1, trueNegatives: 4 });
    should(rates(both)).eql({ f1: 4 / 6, far: 20, mar: 100 / 3 });
  });
});

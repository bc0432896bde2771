import should from 'should';
import { recipeFor, type TableFacts } from '#lib/training/auto';

const facts: TableFacts = { rows: 10_000, fields: 8, features: [], isDaily: false };
const windowsOf = (changes: Partial<TableFacts>): number[] =>
  recipeFor('auto', {}, { ...facts, ...changes }).features.map(({ window }) => window);

describe('what auto chooses', () => {
  it('is means and deviations over three windows, and a detector that knows how fields move together', () => {
    const { algorithm, params, features, reasons } = recipeFor('auto', {}, facts);
    algorithm.should.equal('mahalanobis');
    params.should.eql({});
    features.map(({ window }) => window).should.eql([45, 15, 5]);
    features.every(({ field, mean, deviation }) => field === '' && mean && deviation).should.be.true();
    reasons.should.eql([
      'Chosen automatically: Correlation distance (Mahalanobis) on each field and its mean and deviation over 45, 15, 5 rows, ' +
        'since many faults show only in how fields move together, some only over a while.',
    ]);
  });

  it('has shorter and fewer windows where rows are few', () => {
    windowsOf({ rows: 400 }).should.eql([44, 15, 5]);
    windowsOf({ rows: 100 }).should.eql([11, 4]);
    windowsOf({ rows: 20 }).should.eql([]);
  });

  it('has fewer windows the more fields there are, and in the end judges each field by itself', () => {
    windowsOf({ fields: 42 }).should.eql([45, 15, 5]);
    windowsOf({ fields: 50 }).should.eql([45, 15]);
    windowsOf({ fields: 100 }).should.eql([45]);
    windowsOf({ fields: 101 }).should.eql([]);
    const wide = recipeFor('auto', {}, { ...facts, fields: 300 });
    wide.algorithm.should.equal('mahalanobis');
    wide.reasons[0]!.should.match(/\(Mahalanobis\), since many faults show only in how fields move together\.$/);
    const many = recipeFor('auto', {}, { ...facts, fields: 301 });
    many.algorithm.should.equal('mad');
    many.reasons[0]!.should.match(/too many/);
  });

  it('leaves the features alone that a user asked for', () => {
    const asked = {
      field: 'flow',
      window: 7,
      mean: true,
      deviation: false,
      minimum: true,
      maximum: false,
      lags: [1],
      rate: true,
    };
    recipeFor('auto', {}, { ...facts, features: [asked] }).features.should.eql([asked]);
  });
});

describe('a chosen algorithm', () => {
  it('is trained as it was asked for', () => {
    recipeFor('isolation-forest', { trees: 7 }, facts).should.eql({
      algorithm: 'isolation-forest',
      params: { trees: 7 },
      features: [],
      hourOfDay: false,
      reasons: [],
    });
  });

  it('must exist', () => {
    should(() => recipeFor('oracle', {}, facts)).throw(/no detector "oracle"/);
  });
});

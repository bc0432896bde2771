import should from 'should';
import { probabilityOfScore, scoreOf, severityOf } from '#lib/detection/score';

describe('a score', () => {
  it('means the same probability for every detector', () => {
    scoreOf(1).should.equal(0);
    scoreOf(10 ** -1.3).should.be.approximately(0.5, 1e-12);
    scoreOf(1e-3).should.be.approximately(0.698, 5e-4);
    scoreOf(1e-5).should.be.approximately(0.794, 5e-4);
  });

  it('stays finite and below 1', () => {
    scoreOf(0).should.be.within(0.99, 0.9999);
    scoreOf(5).should.equal(0);
    probabilityOfScore(1).should.be.above(0);
    probabilityOfScore(-1).should.equal(1);
  });

  it('and its probability say the same', () => {
    for (const p of [0.9, 0.5, 0.01, 1e-3, 1e-5, 1e-12, 1e-100]) {
      should(probabilityOfScore(scoreOf(p)) / p).be.approximately(1, 1e-9);
    }
  });

  it('is a warning from the threshold on and critical from the critical score on', () => {
    severityOf(0.69, 0.7, 0.79).should.equal('normal');
    severityOf(0.7, 0.7, 0.79).should.equal('warning');
    severityOf(0.79, 0.7, 0.79).should.equal('critical');
    // A threshold above the critical score: what is an anomaly at all is critical.
    severityOf(0.85, 0.9, 0.79).should.equal('normal');
    severityOf(0.9, 0.9, 0.79).should.equal('critical');
  });
});

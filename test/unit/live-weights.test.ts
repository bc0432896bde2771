import { LiveWeights } from '#lib/forecasting/live-weights';

describe('LiveWeights', () => {
  it('begin with the backtest', () => {
    const { weights } = new LiveWeights([1, 1, 3], 24);
    weights.should.eql([0.5, 0.5, 0]);
  });

  it('let errors count half as much half a period later', () => {
    const live = new LiveWeights([1, 1], 10);
    // 10 periods of equal errors, then one sample at which the second member is wrong by 9 more.
    const shareAfter = (samples: number): number => {
      const weights = new LiveWeights([1, 1], 10, live.snapshot());
      weights.verify([1, 10]);
      for (let i = 0; i < samples; i++) weights.verify([1, 1]);
      return weights.weights[1]!;
    };
    for (let i = 0; i < 100; i++) live.verify([1, 1]);
    // Of weights in proportion to error⁻⁴: back to the ratio of the mean errors.
    const excess = (share: number): number => (share / (1 - share)) ** -0.25 - 1;
    (excess(shareAfter(5)) / excess(shareAfter(0))).should.be.approximately(0.5, 0.01);
  });

  it('keep the backtest in mind, whatever comes', () => {
    const live = new LiveWeights([1, 1.5], 10);
    for (let i = 0; i < 1000; i++) live.verify([1, 1]);
    const [first, second] = live.weights;
    first!.should.be.above(0.6);
    for (let i = 0; i < 1000; i++) live.verify([1, 0.5]);
    // But what is right for long has its way.
    live.weights[1]!.should.be.above(second! + 0.1);
  });
});

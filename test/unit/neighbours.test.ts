import should from 'should';
import { Random } from '#lib/core/random';
import { forecastByNeighbours } from '#lib/forecasting/neighbours';

describe('what followed similar stretches of the past', () => {
  it('is what will follow a series that repeats', () => {
    const target = Float64Array.from({ length: 400 }, (_, i) => [0, 1, 4, 2, 9, 3, 3, 7][i % 8]!);
    const forecasts = forecastByNeighbours(target, 300, [301, 350], 5)!;
    forecasts.should.eql(Float64Array.from([...target.slice(301, 306), ...target.slice(350, 355)]));
  });

  it('knows nothing of what lies after the training', () => {
    const random = new Random(1);
    const target = Float64Array.from({ length: 300 }, () => random.normal());
    const changed = target.map((value, i) => (i < 250 ? value : -9));
    forecastByNeighbours(target, 250, [250], 10)!.should.eql(forecastByNeighbours(changed, 250, [250], 10)!);
  });

  it('is nothing where there are hardly any stretches', () => {
    should(forecastByNeighbours(new Float64Array(30), 20, [20], 10)).be.null();
  });
});

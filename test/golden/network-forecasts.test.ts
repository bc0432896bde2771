import { checkParams } from '#lib/core/params';
import { tensor } from '#lib/core/tensor';
import { lstm } from '#lib/forecasters/lstm';
import { scalesOf } from '#lib/forecasters/network/scales';
import { golden } from './golden';

const expected = golden<{
  readonly versions: { readonly torch: string };
  readonly units: number;
  readonly series: number[];
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly origins: number[];
  readonly forecasts: number[];
}>('network_forecasts');

describe(`the LSTM forecaster's reference against PyTorch ${expected.versions.torch}`, () => {
  const history = {
    startMs: 0,
    stepMs: 60_000,
    timeZone: 'UTC',
    target: Float64Array.from(expected.series),
    others: [],
  };

  it('forecasts the same from the same weights, scaling included', () => {
    const { centre, deviation, change } = scalesOf(history, 50, 'plain');
    const weights = Object.entries(expected.weights).map(
      ([name, { shape, data }]) => [name, tensor(Float32Array.from(data), shape)] as const,
    );
    const state = {
      scalars: { window: 50, ahead: 12, seasons: 0, others: 0 },
      tensors: {
        ...Object.fromEntries(weights),
        centre: tensor(centre),
        deviation: tensor(deviation),
        change: tensor(Float64Array.of(change)),
      },
    };
    const params = checkParams('lstm', lstm.params, { preset: 'reference', units: expected.units });
    const model = lstm.restore(state, 1, params);
    const forecasts = model.forecast(history, expected.origins, 12);
    forecasts.should.have.length(expected.forecasts.length);
    forecasts.forEach((value, i) => value.should.be.approximately(expected.forecasts[i]!, 1e-4));
  });
});

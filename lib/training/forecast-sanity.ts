/** A version with an error so many times that of repeating the last season does not become active … */
const WORST = 1.5;
/** … unless both are hardly off, in units of MASE: where readings repeat exactly, any error is many times none. */
const HARDLY_OFF = 0.05;

/** Whether a forecaster may become active, and the sentence for its card. */
export interface ForecastSanity {
  readonly sane: boolean;
  readonly reason: string;
}

/**
 * Whether the forecasts of the backtest, on samples that had not been learned, are fit to be used.
 * @param metrics - `mase` and `naiveMase`, that of repeating the last season; null where there was no backtest
 * @param seasonal - there is a season to repeat; else the naive forecast repeats the last value
 */
export function judgeForecast(metrics: Readonly<Record<string, number | null>>, seasonal: boolean): ForecastSanity {
  const { mase = null, naiveMase = null } = metrics;
  if (mase === null || naiveMase === null) {
    const reason = 'Active, but there was too little history to try it on: how good it is shows as values come.';
    return { sane: true, reason };
  }
  const naive = `repeating the last ${seasonal ? 'season' : 'value'}`;
  const where = 'on the newest readings, which it had not seen';
  if (!Number.isFinite(mase)) return { sane: false, reason: `Not active: ${where}, its forecasts are no numbers.` };
  if (mase > Math.max(WORST * naiveMase, naiveMase + HARDLY_OFF)) {
    const than =
      naiveMase > 0
        ? `${(mase / naiveMase).toFixed(1)} times that of ${naive}`
        : `larger than that of ${naive}, which is none`;
    return {
      sane: false,
      reason: `Not active: ${where}, its error is ${than}. Choose another algorithm, or train on a longer time.`,
    };
  }
  const percent = naiveMase > 0 ? Math.round(100 * (mase / naiveMase - 1)) : 0;
  const found = percent === 0 ? 'that' : `${Math.abs(percent)} % ${percent < 0 ? 'smaller' : 'larger'} than that`;
  return { sane: true, reason: `Active: ${where}, its error is ${found} of ${naive}.` };
}

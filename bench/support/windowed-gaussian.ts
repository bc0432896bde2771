import { mean } from '#lib/core/statistics';

const WINDOW = 6400;
const STEP = 100;
const LEAST_DEVIATION = 1e-6;

/** The threshold at which the benchmark's authors found its published figures, within their search's last step. */
export const WINDOWED_GAUSSIAN = 1 - 5e-13;

/**
 * The windowed Gaussian detector of the Numenta Anomaly Benchmark, whose published figures are 39.6 / 20.9 / 47.4: one
 * minus the normal distribution's probability of a value so far from the mean, over the last 6,400 values, taken anew
 * every 100. Nothing random is in it, so that it tells whether the scorer is right.
 */
export function windowedGaussian(values: Float64Array): Float64Array {
  let window: number[] = [];
  let waiting: number[] = [];
  let [centre, deviation] = [0, 1];
  const takeAnew = (): void => {
    centre = mean(window);
    deviation = Math.sqrt(mean(window.map((value) => (value - centre) ** 2))) || LEAST_DEVIATION;
  };
  return values.map((value) => {
    const score = window.length > 0 ? 1 - normalTail(Math.abs(value - centre) / deviation) : 0;
    if (window.length < WINDOW) {
      window.push(value);
      takeAnew();
    } else if (waiting.push(value) === STEP) {
      window = [...window.slice(STEP), ...waiting];
      waiting = [];
      takeAnew();
    }
    return score;
  });
}

/** Probability that a standard normal value exceeds `z`, at least 0, to the last digits. */
function normalTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [sum, term] = [z, z];
    for (let n = 1; term > 1e-18 * sum; n++) sum += term *= (z * z) / (2 * n + 1);
    return 0.5 - density * sum;
  }
  // Laplace's continued fraction.
  let fraction = 0;
  for (let k = 150; k > 0; k--) fraction = k / (z + fraction);
  return density / (z + fraction);
}

/** Samples of a window that are compared, and windows that are followed. */
const WINDOW = 48;
const SHORTEST_WINDOW = 4;
const FOLLOWED = 5;
/** Of a long history, so many windows are looked at, evenly spread. */
const MAX_WINDOWS = 4_000;

/**
 * What followed the most similar stretches of the past: the median of five, step by step (E. Lorenz: Atmospheric
 * predictability as revealed by naturally occurring analogues. J. Atmos. Sci. 26, 1969). Newer samples of a stretch count
 * more. It knows nothing of lines, so that it is a good forecast where, and only where, what comes next hangs on the
 * past in another way: on a state, a threshold, a phase.
 *
 * Cost: about 4,000 × 48 multiplications an origin.
 * @param trainingEnd - the stretches and what followed them lie before it
 * @returns `origins × horizon`; null where there are too few samples before `trainingEnd`
 */
export function forecastByNeighbours(
  target: Float64Array,
  trainingEnd: number,
  origins: readonly number[],
  horizon: number,
): Float64Array | null {
  const window = Math.max(SHORTEST_WINDOW, Math.min(WINDOW, Math.floor(trainingEnd / 10)));
  const count = trainingEnd - horizon - window + 1;
  if (count < 2 * FOLLOWED) return null;
  const stride = Math.ceil(count / MAX_WINDOWS);
  const forecasts = new Float64Array(origins.length * horizon);
  origins.forEach((origin, row) => {
    const nearest: { end: number; distance: number }[] = [];
    for (let end = window; end <= trainingEnd - horizon; end += stride) {
      const distance = distanceOf(target, origin, end, window);
      if (nearest.length === FOLLOWED && distance >= nearest.at(-1)!.distance) continue;
      if (nearest.length === FOLLOWED) nearest.pop();
      const place = nearest.findIndex((other) => other.distance > distance);
      nearest.splice(place < 0 ? nearest.length : place, 0, { end, distance });
    }
    for (let step = 0; step < horizon; step++) {
      const followed = nearest.map(({ end }) => target[end + step]!).sort((a, b) => a - b);
      forecasts[row * horizon + step] = followed[Math.floor(followed.length / 2)]!;
    }
  });
  return forecasts;
}

/** Mean square of the differences before two ends, the newest counting most. */
function distanceOf(target: Float64Array, one: number, other: number, window: number): number {
  let distance = 0;
  for (let lag = 1; lag <= window; lag++) {
    const difference = target[one - lag]! - target[other - lag]!;
    distance += (difference * difference) / lag;
  }
  return distance;
}

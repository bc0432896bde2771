import { Random } from '#lib/core/random';

const DAY = 1440;

/** Minutes of a smooth day and week under noise. */
export function smoothDays(points: number): Float64Array {
  const random = new Random(7);
  return Float64Array.from({ length: points }, (_, minute) => {
    const day = (2 * Math.PI * minute) / DAY;
    return 20 + 5 * Math.sin(day) + 2 * Math.sin(day / 7) + random.normal(0, 0.5);
  });
}

/**
 * Minutes of a cabinet that a cooler keeps between 21 and 25 degrees: on from the upper limit down to the lower one, with
 * a load that has a day and a week. What comes next depends on whether it is on.
 */
export function cooledCabinet(points: number): Float64Array {
  const random = new Random(7);
  let [temperature, on, drift] = [24, false, 0];
  return Float64Array.from({ length: points }, (_, minute) => {
    const day = (2 * Math.PI * minute) / DAY;
    const load = 1 + 0.5 * Math.sin(day) + 0.2 * Math.sin(day / 7);
    on = on ? temperature >= 21 + random.normal(0, 0.1) : temperature > 25 + random.normal(0, 0.1);
    temperature += (on ? 0.12 * load - 0.55 : 0.18 * load) + random.normal(0, 0.03);
    drift = 0.9 * drift + random.normal(0, 0.05);
    return temperature + drift + random.normal(0, 0.08);
  });
}

import type { Random } from '../core/random';
import type { Profile } from './profile';
import { durationOf, type Occurrence, phasesOf, type Scenario } from './scenario';
import { clamp } from './signals';

/**
 * Scenarios spread over a span of time, never overlapping, each taking its share of it as well as whole occurrences
 * allow: in a span too short for even one, there is none.
 * @returns earliest first
 */
export function planScenarios(profile: Profile, startMs: number, endMs: number, random: Random): Occurrence[] {
  const spanMs = endMs - startMs;
  const wanted = profile.scenarios.flatMap((scenario) =>
    stretches(scenario, scenario.share * spanMs, random).map((stretch) => ({
      scenario,
      phasesMs: phasesOf(scenario, stretch),
      field: random.below(profile.fields.length),
    })),
  );
  shuffle(wanted, random);

  const busyMs = wanted.reduce((sum, { phasesMs }) => sum + durationOf(phasesMs), 0);
  // Gaps before, between and after: exponential draws, scaled to the free time, are a uniformly random way to part it.
  const gaps = Array.from({ length: wanted.length + 1 }, () => -Math.log(1 - random.uniform()));
  const gapScale = (spanMs - busyMs) / gaps.reduce((sum, gap) => sum + gap, 0);
  let timeMs = startMs;
  return wanted.map((occurrence, i) => {
    timeMs += gaps[i]! * gapScale;
    const placed = { ...occurrence, startMs: timeMs };
    timeMs += durationOf(occurrence.phasesMs);
    return placed;
  });
}

/** How long each occurrence lasts, 0 shortest … 1 longest, so that together they take `targetMs`. */
function stretches(scenario: Scenario, targetMs: number, random: Random): number[] {
  const shortestMs = durationOf(phasesOf(scenario, 0));
  const longestMs = durationOf(phasesOf(scenario, 1));
  const count = Math.round((2 * targetMs) / (shortestMs + longestMs));
  const drawn = Array.from({ length: count }, () => random.uniform());
  const mean = drawn.reduce((sum, stretch) => sum + stretch, 0) / count;
  const meanWanted = clamp((targetMs / count - shortestMs) / (longestMs - shortestMs), 0, 1);
  return drawn.map((stretch) =>
    mean > meanWanted ? (stretch * meanWanted) / mean : 1 - ((1 - stretch) * (1 - meanWanted)) / (1 - mean),
  );
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

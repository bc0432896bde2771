import type { Run } from '../../core/algorithm';
import { throwIfAborted } from '../../core/errors';
import type { TrainingHistory } from '../../core/history';
import { mean, standardDeviation } from '../../core/statistics';
import { reachOf } from './lag-columns';
import { fitLagModel } from './lag-model';
import { usualLevels } from './level-shift';
import type { RidgeParts } from './model';
import { planRidge, seasonOf, type RidgeChoice } from './plan';
import { CalendarTerms, SeasonPhases } from './season';
import { deseasonalise } from './train-profile';

/** A spread below this share of the largest value is rounding. */
const LEAST_SPREAD = 1e-12;

/** Fits what `choice` asks for; a short or constant history gives the simplest model that it allows. */
export function fitRidge(x: TrainingHistory, choice: RidgeChoice, run: Run): RidgeParts {
  const samples = x.target.length;
  const season = seasonOf(x);
  const all = choice.others ? [x.target, ...x.others] : [x.target];
  const scaled = all.map(standardise);
  const withProfile = choice.profile && season.day > 0;
  const seasonless = withProfile ? scaled.map(({ values }) => deseasonalise(values, season, x)) : undefined;
  report(run, 0.3);
  const rests = seasonless ? seasonless.map(({ rest }) => standardise(rest)) : scaled;

  const plan = planRidge(x, season, all.length, choice);
  const calendar = new CalendarTerms(choice.calendar ? season : { day: 0, week: 0 });
  const model = fitLagModel({
    series: rests.map(({ values }) => values),
    columns: plan.columns,
    outputs: plan.outputs,
    terms: calendar.count > 0 ? calendar.series(new SeasonPhases(season, x, 0, samples)) : [],
    from: reachOf(plan.columns),
    to: samples - plan.ahead + 1,
    fromNewest: choice.direct || choice.difference,
  });
  report(run, 1);
  return {
    season,
    // Both standardisations in one.
    centres: Float64Array.from(scaled, ({ centre, scale }, s) =>
      seasonless ? centre + scale * rests[s]!.centre : centre,
    ),
    scales: Float64Array.from(scaled, ({ scale }, s) => (seasonless ? scale * rests[s]!.scale : scale)),
    profiles: (seasonless ?? []).map(({ last }, s) => ({
      day: last.day.map((value) => value / rests[s]!.scale),
      week: last.week.map((value) => value / rests[s]!.scale),
    })),
    levels: usualLevels(rests[0]!.values),
    model,
    steps: plan.steps,
  };
}

function report(run: Run, fraction: number): void {
  run.onProgress?.(fraction);
  throwIfAborted(run.signal);
}

/** Mean 0 and deviation 1; a constant is only shifted. */
function standardise(values: Float64Array): { values: Float64Array; centre: number; scale: number } {
  const centre = mean(values);
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const spread = standardDeviation(values);
  const scale = spread > LEAST_SPREAD * largest ? spread : Math.max(1, largest);
  return { values: values.map((value) => (value - centre) / scale), centre, scale };
}

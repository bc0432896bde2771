import type { TrainingHistory } from '../../core/history';
import { profileReach } from './profile';
import { planRidge, seasonOf, type RidgeChoice } from './plan';
import { CalendarTerms } from './season';
import { ONE_PROFILE_UP_TO } from './train-profile';
import { MAX_ROWS } from './lag-model';

/** Measured, in seconds: what is done to each sample, a multiplication with its addition, a sample of a profile. */
const SAMPLE_SECONDS = 2e-7;
const PRODUCT_SECONDS = 9e-10;
const PROFILE_SAMPLE_SECONDS = 2e-7;

/** About how many seconds a fit takes: all of it is straight-line work that can be counted. */
export function estimateFit(x: TrainingHistory, choice: RidgeChoice): number {
  const samples = x.target.length;
  const season = seasonOf(x);
  const series = choice.others ? 1 + x.others.length : 1;
  const { columns, outputs } = planRidge(x, season, series, choice);
  const terms = choice.calendar ? new CalendarTerms(season).count : 0;
  const [inputs, lagged] = [columns.length + terms, columns.length + outputs.length];

  const steps = [...columns, ...outputs].map(({ near }) => near);
  const distances = Math.min(lagged ** 2 / 2, series ** 2 * (Math.max(...steps) - Math.min(...steps) + 1));
  const gram = columns.some(({ near, far }) => near !== far)
    ? Math.min(samples, 2 * MAX_ROWS) * ((inputs + outputs.length) ** 2 / 2)
    : samples * (distances + terms * (lagged + terms / 2)) + 2 * lagged ** 2;
  const solving = inputs ** 3 + 8 * inputs ** 2 * outputs.length;

  const reach = profileReach(season);
  const window = samples <= reach * ONE_PROFILE_UP_TO ? samples : (samples * 2 * reach) / (7 * season.day);
  const profile = choice.profile && season.day > 0 ? series * window : 0;
  return (
    1e-4 + series * samples * SAMPLE_SECONDS + (gram + solving) * PRODUCT_SECONDS + profile * PROFILE_SAMPLE_SECONDS
  );
}

import { setImmediate } from 'node:timers/promises';
import type { Run, WarmStart } from '../core/algorithm';
import { MlError, throwIfAborted } from '../core/errors';
import { sliceHistory, type History, type TrainingHistory } from '../core/history';
import type { ParamValues } from '../core/params';
import { naiveErrorOf, samplesAfter, samplesForBacktest, splitForBacktest, type Split } from './backtest';
import { withinBudget, type Affordable } from './budget';
import {
  AUTO,
  candidatesFor,
  isYardstick,
  NAIVE,
  naiveCandidate,
  networkCandidates,
  type Candidate,
} from './candidates';
import { combine, memberWeights } from './combine';
import { conclude, type FittedForecast } from './conclusion';
import type { ForecastModel } from './forecast-model';
import { calibrateIntervals, type Backtested } from './intervals';
import type { Member } from './members';
import { hasMoreToLearn, passedOver } from './more-to-learn';
import { memberStart } from './model-state';
import { findPeriods } from './periods';
import { Progress } from './progress';
import { rangeOf } from './transforms';
import { fitMember, isSuccess, rethrowAbort, tryCandidate, type Success, type Trial } from './trial';
import { withoutWildValues } from './wild-values';

export type { FittedForecast } from './conclusion';
export type { ForecastModel } from './forecast-model';

/** What to fit. */
export interface ForecastChoice {
  /** Id of a forecaster, or `auto`. */
  readonly algorithm: string;
  /** For the forecaster; `auto` takes none. */
  readonly params: ParamValues;
  /** Steps ahead that matter. */
  readonly horizon: number;
  /** What `auto` may spend, in seconds of one core of a small server, by the algorithms' own estimates. */
  readonly budgetSeconds: number;
}

/** The newest samples that are learned from: six weeks of minutes, nearly seven years of hours. */
const MAX_SAMPLES = 60_480;
/** A member that did worse than so many times the best has no weight, and is not kept for one to come. */
const WORTH_KEEPING = 2;

/**
 * Makes a forecaster from a history. One algorithm or, for `auto`, several are fitted on its beginning and tried on its
 * end; those that did well are weighted, their errors together become the intervals, and all of them are fitted again on
 * everything. `auto` leaves out what does not fit into the budget and what fails; a history too short for a backtest
 * gives a forecast by `seasonal-naive`.
 *
 * Only the newest 60,480 samples are looked at. The same history and choice give the same bits, `seconds` aside.
 * @throws MlError `TOO_FEW_ROWS`, `DATA`, `PARAMETER`, `NOT_FOUND`, `ABORTED`
 */
export async function fitForecast(history: History, choice: ForecastChoice, run: Run): Promise<FittedForecast> {
  const { algorithm, horizon } = choice;
  if (!(Number.isInteger(horizon) && horizon >= 1)) {
    throw new MlError('PARAMETER', `The horizon must be at least one step, got ${horizon}.`);
  }
  const { length } = history.target;
  const newest = sliceHistory(history, Math.max(0, length - MAX_SAMPLES), length);
  const { history: recent, replaced } = withoutWildValues(newest);
  const training: TrainingHistory = { ...recent, periods: findPeriods(recent), horizon };
  const candidates = candidatesFor(algorithm, choice.params, training);
  const warnings = length > MAX_SAMPLES ? [`Learned from the newest ${MAX_SAMPLES} of ${length} samples only.`] : [];
  if (replaced > 0) {
    const values = replaced === 1 ? '1 value was' : `${replaced} values were`;
    warnings.push(`${values} out of all proportion, as if the sensor had failed, and not learned from.`);
  }

  const isMixed = algorithm === AUTO;
  const minRows = isMixed ? 0 : Math.max(...candidates.map((each) => each.algorithm.minRows(each.params)));
  const period = training.periods[0] ?? 0;
  const split = splitForBacktest(recent.target.length, horizon, period, minRows);
  if (split !== null) {
    // An algorithm by itself is held against the naive forecast, too, but not mixed with it.
    const rivals = isMixed || algorithm === NAIVE ? [] : [naiveCandidate()];
    const networks = isMixed ? networkCandidates() : [];
    const budget = isMixed ? choice.budgetSeconds : Infinity;
    const { affordable, refused } = withinBudget([...candidates, ...rivals, ...networks], training, budget);
    return backtested(training, split, { affordable, refused, rivals, networks, isMixed }, warnings, run);
  }
  const needed = samplesForBacktest(horizon, period, minRows);
  if (isMixed || algorithm === NAIVE) return untested(training, needed, warnings, run);
  throw new MlError(
    'TOO_FEW_ROWS',
    `${algorithm} needs at least ${needed} samples to forecast ${stepsOf(horizon)} ahead, got ${length}: ` +
      `collect more, forecast less far, or take "${AUTO}", which then repeats what has been.`,
  );
}

interface Field {
  readonly affordable: readonly Affordable[];
  readonly refused: readonly Trial[];
  /** Tried, but never part of the forecast. */
  readonly rivals: readonly Candidate[];
  /** Tried only where they have a chance. */
  readonly networks: readonly Candidate[];
  /** What fails is left out, as long as anything is left. */
  readonly isMixed: boolean;
}

async function backtested(
  training: TrainingHistory,
  split: Split,
  { affordable, refused, rivals, networks, isMixed }: Field,
  warnings: readonly string[],
  run: Run,
): Promise<FittedForecast> {
  // What was known before may have seen the samples that are forecast: the backtest starts from nothing.
  const { start, ...fresh } = run;
  const total = affordable.reduce((sum, { seconds }) => sum + 2 * seconds, 0);
  const progress = new Progress(fresh, total);
  const trials: Trial[] = [];
  let isHopeless: boolean | undefined;
  for (const { candidate, seconds } of affordable) {
    await breathe(run);
    const part = progress.part(seconds);
    if (networks.includes(candidate)) isHopeless ??= !hasMoreToLearn(training, split, trials.filter(isSuccess));
    trials.push(isHopeless ? passedOver(candidate) : await tryCandidate(candidate, training, split, part));
  }
  const own = trials.filter(({ candidate }) => !rivals.includes(candidate));
  const failed = own.find(({ failure }) => failure !== undefined);
  if (failed && !(isMixed && own.some(isSuccess))) throw failed.failure;
  const kept = worthKeeping(own.filter(isSuccess));

  const fitted: { trial: Success; member: Member }[] = [];
  for (const trial of kept) {
    await breathe(run);
    const { seconds } = affordable.find(({ candidate }) => candidate === trial.candidate)!;
    try {
      const member = await fitMember(trial.candidate, training, {
        ...progress.part(seconds),
        ...startFor(trial.candidate, start),
      });
      fitted.push({ trial, member: { ...member, error: trial.result.error } });
    } catch (error) {
      rethrowAbort(error, run);
      if (kept.length === 1) throw error;
    }
  }
  run.onProgress?.(1);

  const weights = memberWeights(fitted.map(({ member }) => member.error));
  const forecasts = combine(
    fitted.map(({ trial }) => trial.result.forecasts),
    weights,
  );
  const actuals = samplesAfter(training, split.origins, training.horizon);
  const members = fitted.map(({ member }) => member);
  return conclude({
    model: modelOf(training, members, { forecasts, actuals, origins: split.origins }),
    trials: [...trials, ...refused],
    weightOf: (candidate) => weights[fitted.findIndex(({ trial }) => trial.candidate === candidate)] ?? 0,
    forecasts,
    actuals,
    warnings,
  });
}

/** The naive forecast by itself, where there is too little to try anything on. */
async function untested(
  training: TrainingHistory,
  needed: number,
  warnings: readonly string[],
  run: Run,
): Promise<FittedForecast> {
  const candidate = naiveCandidate();
  const member = { ...(await fitMember(candidate, training, run)), error: naiveErrorOf(training) };
  run.onProgress?.(1);
  const nothing = new Float64Array(0);
  const what = training.periods.length > 0 ? 'the last season' : 'the last value';
  const reason =
    `Repeats ${what}: to try forecasts of ${stepsOf(training.horizon)} needs at least ${needed} samples, ` +
    `got ${training.target.length}.`;
  return conclude({
    model: modelOf(training, [member], { forecasts: nothing, actuals: nothing, origins: [] }),
    trials: [{ candidate, result: null, seconds: null, failure: new MlError('TOO_FEW_ROWS', reason) }],
    weightOf: () => 1,
    forecasts: nothing,
    actuals: nothing,
    warnings: [...warnings, reason],
  });
}

/** What the last fit of a candidate goes on from. */
function startFor({ algorithm }: Candidate, start: WarmStart | undefined): Pick<Run, 'start'> {
  const own = start && algorithm.traits.warmStart ? memberStart(start, algorithm.id) : undefined;
  return own ? { start: own } : {};
}

/** A moment for the event loop, in which an abort is heard. */
async function breathe({ signal }: Run): Promise<void> {
  await setImmediate();
  throwIfAborted(signal);
}

/** Those near enough to the best to matter now or later; the naive one costs nothing and never fails. */
function worthKeeping(trials: readonly Success[]): Success[] {
  const best = Math.min(...trials.map(({ result }) => result.error));
  return trials.filter(({ candidate, result }) => result.error <= WORTH_KEEPING * best || isYardstick(candidate));
}

function modelOf(
  training: TrainingHistory,
  members: readonly Member[],
  tested: Pick<Backtested, 'forecasts' | 'actuals' | 'origins'>,
): ForecastModel {
  const { periods, horizon, target, ...rest } = training;
  const naiveError = naiveErrorOf(training);
  const lookback = Math.max(...members.map(({ model }) => model.lookback));
  const { low, high } = rangeOf(target);
  const newest = sliceHistory({ target, ...rest }, Math.max(0, target.length - lookback), target.length);
  return {
    members,
    intervals: calibrateIntervals({
      ...tested,
      horizon,
      period: periods[0] ?? 0,
      positive: low > 0,
      // A series that never changed has its own unit of errors, but no errors.
      naiveError: high > low ? naiveError : 0,
    }),
    // Copies: the whole history is not kept for their sake.
    history: { ...newest, target: newest.target.slice(), others: newest.others.map((other) => other.slice()) },
    periods,
    horizon,
    naiveError,
  };
}

const stepsOf = (horizon: number): string => (horizon === 1 ? '1 step' : `${horizon} steps`);

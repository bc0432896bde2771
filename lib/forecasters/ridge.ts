import type { ParamSpecs, ParamsOf } from '../core/params';
import { defineForecaster } from './define';
import { estimateFit } from './ridge/cost';
import { fitRidge } from './ridge/fit';
import { RidgeForecaster } from './ridge/model';
import type { RidgeChoice } from './ridge/plan';
import { unpackRidge } from './ridge/state';

const params = {
  strategy: {
    type: 'choice',
    default: 'recursive',
    options: ['recursive', 'direct'],
    doc: 'Recursive: step by step, each forecast an input of the next. Direct: every step from what is known now.',
  },
  profile: {
    type: 'boolean',
    default: true,
    doc: 'Take the usual day, and what is particular to each weekday, out of the series first.',
  },
  calendar: {
    type: 'boolean',
    default: false,
    doc: 'Let the relation to past values have a daily and weekly rhythm (Fourier terms).',
  },
  others: { type: 'boolean', default: true, doc: 'Look also at the past of the other fields, where there are any.' },
  difference: {
    type: 'boolean',
    default: false,
    doc: 'Forecast the change from the last value, for series that keep to no level; the direct strategy always does.',
  },
  lags: {
    type: 'int',
    default: 0,
    min: 0,
    max: 500,
    unit: 'steps',
    doc: 'How many past values to look at; 0: chosen from the season and the length of the history.',
  },
} satisfies ParamSpecs;

type RidgeParams = ParamsOf<typeof params>;

const choiceOf = ({ strategy, ...rest }: RidgeParams): RidgeChoice => ({ ...rest, direct: strategy === 'direct' });

/**
 * Ridge regression on past values: what the series does beside a daily and a weekly profile that follow it slowly. Fits
 * in milliseconds and is hard to beat on smooth signals with daily rhythms; switching signals, whose next state depends
 * on more than a weighted sum of the past, are for the networks.
 */
export const ridge = defineForecaster({
  id: 'ridge',
  stateVersion: 1,
  title: 'Ridge regression on past values',
  summary:
    'A linear model of past values beside a daily and weekly profile: quick, and hard to beat on smooth signals.',
  reference:
    'A. Hoerl, R. Kennard: Ridge regression: biased estimation for nonorthogonal problems. Technometrics, 1970.',
  params,
  traits: { online: false, multivariate: true, allowsMissing: false },
  testParams: {},
  minRows: () => 2,
  estimateSeconds: (x, given) => estimateFit(x, choiceOf(given)),
  fit: (x, given, run) => new RidgeForecaster(fitRidge(x, choiceOf(given), run)),
  restore: (state) => new RidgeForecaster(unpackRidge(state)),
});

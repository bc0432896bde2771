import type { Forecaster, ForecasterAlgorithmOf, ModelState, Run } from '../core/algorithm';
import { MlError, show, throwIfAborted } from '../core/errors';
import type { History, TrainingHistory } from '../core/history';
import { checkParams, type ParamSpecs, type ParamsOf } from '../core/params';
import { checkStateVersion, StateReader } from '../core/state-reader';
import { LARGEST_VALUE } from '../core/table';

type Described = 'id' | 'stateVersion' | 'title' | 'summary' | 'reference' | 'params' | 'traits' | 'testParams';

/** What an algorithm's file says of its forecaster; `fit`, `restore` and `forecast` meet only what has been checked. */
export interface ForecasterDefinition<P extends ParamSpecs> extends Pick<
  ForecasterAlgorithmOf<P>,
  Described | 'knownFailures' | 'minRows' | 'estimateSeconds'
> {
  fit(x: TrainingHistory, params: ParamsOf<P>, run: Run): Forecaster | Promise<Forecaster>;
  restore(state: StateReader, stateVersion: number, params: ParamsOf<P>): Forecaster;
}

/**
 * Makes a forecaster's algorithm from its definition, with what all have in common: parameters and data are checked
 * before `fit`, the state's version before `restore`, origins and horizon before `forecast`.
 */
export function defineForecaster<P extends ParamSpecs>(definition: ForecasterDefinition<P>): ForecasterAlgorithmOf<P> {
  const { id, stateVersion: newest } = definition;
  return {
    ...definition,
    kind: 'forecaster',
    // Async, so that every refusal is a rejection.
    async fit(x, given, run) {
      const params = checkParams(id, definition.params, given);
      checkTrainingHistory(id, x, definition.minRows(params));
      throwIfAborted(run.signal);
      return new CheckedForecaster(await definition.fit(x, params, run));
    },
    restore(state: ModelState, stateVersion: number, given) {
      checkStateVersion(id, newest, stateVersion);
      const params = checkParams(id, definition.params, given);
      return new CheckedForecaster(definition.restore(new StateReader(id, state), stateVersion, params));
    },
  };
}

/** Asks a forecaster only what can be answered. */
class CheckedForecaster implements Forecaster {
  constructor(private readonly model: Forecaster) {}

  get lookback(): number {
    return this.model.lookback;
  }

  /** @throws MlError `PARAMETER` for an origin outside the history or a horizon that is none */
  forecast(history: History, origins: readonly number[], horizon: number): Float64Array {
    const { length } = history.target;
    const wrong = origins.find((origin, i) => !(Number.isInteger(origin) && origin >= (origins[i - 1] ?? 1)));
    const tooLate = origins.find((origin) => origin > length);
    if (wrong !== undefined || tooLate !== undefined) {
      const got = show(wrong ?? tooLate);
      throw new MlError('PARAMETER', `Origins must rise, from 1 to the ${length} samples there are, got ${got}.`);
    }
    if (!Number.isInteger(horizon) || horizon < 1) {
      throw new MlError('PARAMETER', `The horizon must be at least one step, got ${show(horizon)}.`);
    }
    return this.model.forecast(history, origins, horizon);
  }

  snapshot(): ModelState {
    return this.model.snapshot();
  }
}

function checkTrainingHistory(id: string, x: TrainingHistory, minRows: number): void {
  const { target, others, periods, horizon } = x;
  if (target.length < minRows) {
    throw new MlError('TOO_FEW_ROWS', `${id} needs at least ${minRows} rows to learn from, got ${target.length}.`);
  }
  for (const [name, values] of [
    ['the series', target] as const,
    ...others.map((other, i) => [`series ${i + 2}`, other] as const),
  ]) {
    if (values.length !== target.length) {
      throw new MlError('DATA', `${id}: all series must have ${target.length} samples, ${name} has ${values.length}.`);
    }
    // The comparison is also false for NaN.
    const wrong = values.findIndex((value) => !(Math.abs(value) <= LARGEST_VALUE));
    if (wrong >= 0) {
      const limit = `a number of at most ±${LARGEST_VALUE.toPrecision(3)}`;
      throw new MlError('DATA', `${id}: sample ${wrong} of ${name} must be ${limit}, got ${show(values[wrong])}.`);
    }
  }
  const period = periods.find((each) => !(Number.isInteger(each) && each >= 2));
  if (period !== undefined) throw new MlError('DATA', `${id}: a period must be at least 2 steps, got ${show(period)}.`);
  if (!(Number.isInteger(horizon) && horizon >= 1)) {
    throw new MlError('DATA', `${id}: the horizon must be at least one step, got ${show(horizon)}.`);
  }
}

import type { Algorithm, Detector, ModelState, Run } from '../core/algorithm';
import { throwIfAborted } from '../core/errors';
import { checkParams, type ParamSpecs, type ParamsOf } from '../core/params';
import type { Table } from '../core/table';
import { checkTrainingTable } from './input';
import { checkStateVersion, StateReader } from '../core/state-reader';

type Described = 'id' | 'stateVersion' | 'title' | 'summary' | 'reference' | 'params' | 'traits' | 'testParams';

/** What an algorithm's file says of its detector; `fit` and `restore` meet only what has been checked. */
export interface DetectorDefinition<P extends ParamSpecs> extends Pick<
  Algorithm<Table, Detector, P>,
  Described | 'knownFailures' | 'highestScore' | 'typicalExcess' | 'minRows'
> {
  fit(x: Table, params: ParamsOf<P>, run: Run): Detector | Promise<Detector>;
  restore(state: StateReader, stateVersion: number, params: ParamsOf<P>): Detector;
}

/**
 * Makes a detector's algorithm from its definition, with what all have in common: parameters and rows are checked
 * before `fit`, the state's version before `restore`.
 */
export function defineDetector<P extends ParamSpecs>(definition: DetectorDefinition<P>): Algorithm<Table, Detector, P> {
  const { id, stateVersion: newest } = definition;
  return {
    ...definition,
    kind: 'detector',
    // Async, so that every refusal is a rejection.

    async fit(x, given, run) {
      const params = checkParams(id, definition.params, given);
      checkTrainingTable(id, x, definition.minRows(params), definition.traits.allowsMissing);
      throwIfAborted(run.signal);
      return definition.fit(x, params, run);
    },
    restore(state: ModelState, stateVersion: number, given) {
      checkStateVersion(id, newest, stateVersion);
      const params = checkParams(id, definition.params, given);
      return definition.restore(new StateReader(id, state), stateVersion, params);
    },
  };
}

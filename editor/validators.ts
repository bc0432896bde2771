namespace FlowsightMl {
  /** Node-RED shows the sentence only of validators that take two arguments. */
  export type Validator = (this: EditedNode, value: unknown, _options?: object) => true | string;

  export type ThresholdKind = import('../dist/lib/detection/threshold').ThresholdKind;

  /** What each kind of threshold is where nothing is typed, and what it may be; training checks it again. */
  const THRESHOLDS: Readonly<Record<ThresholdKind, NumberSpec>> = {
    score: { type: 'number', default: 0.7, min: 0.01, max: 0.99, doc: '' },
    contamination: { type: 'number', default: 0.01, min: 0.000001, max: 0.5, doc: '' },
    'false-alarms-per-day': { type: 'number', default: 1, min: 0.000001, max: 1_000_000, doc: '' },
    'false-alarms-per-week': { type: 'number', default: 1, min: 0.000001, max: 1_000_000, doc: '' },
  };

  const isBlank = (value: unknown): boolean => value === undefined || value === '';

  /** A property as it is in the open form, else as it is stored. */
  function current(node: EditedNode, property: string): unknown {
    const inputs = `#node-input-${property}, #node-config-input-${property}`;
    return document.querySelector<HTMLInputElement>(inputs)?.value ?? node[property];
  }

  const sentence = (node: EditedNode, property: string, problem: string): string =>
    `${labelOf(node.type, property)}: ${problem}`;

  export const threshold: Validator = function (value, _options) {
    if (current(this, 'task') === 'forecast') return true;
    const problem = problemWithNumber(THRESHOLDS[current(this, 'thresholdBy') as ThresholdKind], value);
    return problem === null || sentence(this, 'thresholdBy', problem);
  };

  /** Shows what the threshold is while none is typed. */
  export function prepareThreshold(kind: HTMLSelectElement, value: HTMLInputElement): void {
    const show = (): void => {
      value.placeholder = String(THRESHOLDS[kind.value as ThresholdKind].default);
    };
    $(kind).on('change', show);
    show();
  }

  /** As many steps as a forecast may have; the node checks it again. */
  const MAX_STEPS = 10_080;

  const isTime = (value: unknown): boolean =>
    isBlank(value) || /^\s*(\d*\.)?\d+\s*(s|min|h|d|w)\s*$|^\$\{[^}]+\}$/i.test(String(value));

  export const horizon: Validator = function (value, _options) {
    if (isTime(value) || current(this, 'task') !== 'forecast') return true;
    return sentence(this, 'horizon', sharedWord('problem.duration'));
  };

  export const historyRange: Validator = function (value, _options) {
    return isTime(value) || sentence(this, 'historyRange', sharedWord('problem.duration'));
  };

  /** A time, or a number of steps. */
  export const horizonOrSteps: Validator = function (value, _options) {
    const [, steps] = /^\s*(\d+)\s*(steps?)?\s*$/i.exec(String(value)) ?? [];
    if (steps === undefined ? isTime(value) : Number(steps) >= 1 && Number(steps) <= MAX_STEPS) return true;
    return sentence(this, 'horizon', sharedWord('problem.durationOrSteps', { max: MAX_STEPS }));
  };

  export const leadingField: Validator = function (value, _options) {
    if (current(this, 'assemble') !== 'leading' || !isBlank(value)) return true;
    return sentence(this, 'leadingField', sharedWord('problem.needed'));
  };

  const hasDatabase = (node: EditedNode): boolean => isChosen(current(node, 'database'));

  /** Where models are to live in a database, one must be chosen. */
  export const databaseChosen: Validator = function (value, _options) {
    if (value !== 'database' || hasDatabase(this)) return true;
    return sentence(this, 'database', sharedWord('problem.database'));
  };

  /** Where past readings are to be learned from, a database must be chosen. */
  export const source: Validator = function (value, _options) {
    if (value !== 'history' || hasDatabase(this)) return true;
    return sentence(this, 'database', sharedWord('problem.historyDatabase'));
  };

  /** What is done with readings and results needs a database. */
  export const storeAction: Validator = function (value, _options) {
    const onDatabase = (RED.settings.mlModelStoreDatabaseActions ?? []) as readonly unknown[];
    if (!onDatabase.includes(value) || hasDatabase(this)) return true;
    return sentence(this, 'database', sharedWord('problem.needed'));
  };

  /** Where past readings are read by the user's own SQL, it must be there. */
  export const historySql: Validator = function (value, _options) {
    const isUsed = current(this, 'historyLayout') === 'sql' && hasDatabase(this);
    if (!isUsed || !isBlank(value)) return true;
    return sentence(this, 'historySql', sharedWord('problem.needed'));
  };

  /** The URL is a credential: once stored, it is not shown again. */
  export const databaseUrl: Validator = function (value, _options) {
    if (current(this, 'kind') === 'embedded' || value !== 'url') return true;
    const typed = document.querySelector<HTMLInputElement>('#node-config-input-url')?.value ?? '';
    if (typed === '' || typed === '__PWRD__' || /^(postgres(ql)?:\/\/|\$\{)/.test(typed)) return true;
    return sentence(this, 'url', sharedWord('problem.url'));
  };

  export const time: Validator = function (value, _options) {
    if (isBlank(value) || !Number.isNaN(Date.parse(String(value)))) return true;
    return sentence(this, 'start', sharedWord('problem.time'));
  };

  export const timeZone: Validator = function (value, _options) {
    if (isBlank(value)) return true;
    try {
      Intl.DateTimeFormat('en-US', { timeZone: String(value) });
      return true;
    } catch {
      return sentence(this, 'timeZone', sharedWord('problem.timeZone'));
    }
  };
}

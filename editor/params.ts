namespace FlowsightMl {
  /** What ml-train's runtime tells of an algorithm, as the exported setting `mlTrainAlgorithms`. */
  interface AlgorithmInfo {
    readonly id: string;
    readonly kind: 'detector' | 'forecaster';
    /** It can go on from an earlier version. */
    readonly warmStart: boolean;
    readonly title: string;
    readonly summary: string;
    readonly reference: string;
    readonly params: Readonly<Record<string, ParamSpec>>;
  }
  const AUTO = 'auto';
  type Values = Readonly<Record<string, string | number | boolean>>;

  function algorithms(): readonly AlgorithmInfo[] {
    return (RED.settings.mlTrainAlgorithms ?? []) as readonly AlgorithmInfo[];
  }

  function specsOf(algorithm: unknown): readonly (readonly [string, ParamSpec])[] {
    return Object.entries(algorithms().find(({ id }) => id === algorithm)?.params ?? {});
  }

  /** `sampleSize` as words. */
  function inWords(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  }

  function inputOf(
    name: string,
    spec: ParamSpec,
    value: Values[string] | undefined,
  ): HTMLInputElement | HTMLSelectElement {
    if (spec.type === 'choice') return select(spec.options, value ?? spec.default);
    if (spec.type === 'boolean') return element('input', { type: 'checkbox', checked: Boolean(value ?? spec.default) });
    const input = element('input', { type: 'text', value: String(value ?? '') });
    $(input).on('change keyup', () => {
      const problem = problemWithNumber(spec, input.value);
      input.classList.toggle('input-error', problem !== null);
      input.title = problem ?? '';
    });
    input.name = name;
    return input;
  }

  function rowOf(name: string, spec: ParamSpec, value: Values[string] | undefined): HTMLElement {
    const input = inputOf(name, spec, value);
    input.id = `ml-param-${name}`;
    input.dataset.param = name;
    const label = element('label', { htmlFor: input.id, textContent: inWords(name) });
    const row = element('div', { className: 'form-row' }, label, input);
    if (input instanceof HTMLInputElement && (spec.type === 'int' || spec.type === 'number')) dressNumber(input, spec);
    RED.popover.tooltip($(label), spec.doc);
    return row;
  }

  /** Offers the algorithms of a task; the one that is stored is chosen where the task is, too. */
  function offerAlgorithms(choice: HTMLSelectElement, task: string, node: EditedNode): void {
    const stored = task === node.task ? String(node.algorithm) : AUTO;
    const kind = task === 'forecast' ? 'forecaster' : 'detector';
    const known = algorithms().flatMap((each) => (each.kind === kind ? [[each.id, each.title] as const] : []));
    // What this version does not know is kept, for the runtime to refuse: a form must not change it unseen.
    const unknown = stored === AUTO || known.some(([id]) => id === stored) ? [] : [[stored, stored] as const];
    for (const option of choice.querySelectorAll(`option:not([value="${AUTO}"])`)) option.remove();
    for (const [value, textContent] of [...known, ...unknown]) choice.append(element('option', { value, textContent }));
    choice.value = stored;
  }

  /**
   * Fills the select of algorithms from the registry, describes the one that is chosen, and builds a row for each of
   * its parameters. Rows with `data-needs-trait="warmStart"` are there only where it has that trait.
   */
  export function prepareAlgorithm(
    form: Element,
    choice: HTMLSelectElement,
    task: HTMLSelectElement,
    node: EditedNode,
  ): void {
    const rows = form.querySelector<HTMLElement>('[data-params]')!;
    const summary = form.querySelector<HTMLElement>('[data-summary]')!;
    const show = (): void => {
      const values = choice.value === node.algorithm ? ((node.params ?? {}) as Values) : {};
      rows.replaceChildren(...specsOf(choice.value).map(([name, spec]) => rowOf(name, spec, values[name])));
      rows.closest('details')!.hidden = rows.childElementCount === 0;
      const chosen = algorithms().find(({ id }) => id === choice.value);
      summary.textContent = chosen?.summary ?? nodeWord('ml-train', `algorithm.summary.${task.value}`);
      summary.title = chosen?.reference ?? '';
      for (const row of form.querySelectorAll<HTMLElement>('[data-needs-trait]')) {
        row.hidden = chosen?.[row.dataset.needsTrait as 'warmStart'] !== true;
      }
    };
    offerAlgorithms(choice, task.value, node);
    $(choice).on('change', show);
    show();
    $(task).on('change', () => {
      offerAlgorithms(choice, task.value, node);
      $(choice).trigger('change');
    });
  }

  /** The parameters that differ from their defaults, as they are stored. */
  export function readParams(algorithm: string, rows: HTMLElement): Record<string, string | number | boolean> {
    const values: Record<string, string | number | boolean> = {};
    for (const [name, spec] of specsOf(algorithm)) {
      const input = rows.querySelector<HTMLInputElement>(`[data-param="${name}"]`);
      if (input === null) continue;
      const value =
        spec.type === 'boolean' ? input.checked : spec.type === 'choice' ? input.value : numberIn(input.value);
      if (value !== '' && value !== spec.default) values[name] = value;
    }
    return values;
  }

  /** A validator for the parameters of the node's algorithm. */
  export const params: Validator = function (value, _options) {
    for (const [name, spec] of specsOf(this.algorithm)) {
      if (spec.type !== 'int' && spec.type !== 'number') continue;
      const problem = problemWithNumber(spec, ((value ?? {}) as Values)[name]);
      if (problem !== null) return `${inWords(name)}: ${problem}`;
    }
    return true;
  };
}

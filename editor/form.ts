namespace FlowsightMl {
  function listMaker(property: string): EntryMaker {
    const makers: Readonly<Record<string, EntryMaker>> = {
      featureRows: featureRow,
      derived: derivedField,
      metrics: metric,
    };
    return makers[property]!;
  }

  const DEVICE_TYPES = ['msg', 'str', 'flow', 'global', 'env', 'jsonata'];

  export function formOf(prefix: string): HTMLElement {
    return document.getElementById(`${prefix}-name`)!.closest('form')!;
  }

  type Find = <E extends HTMLElement>(property: string) => E | null;

  /** A flow that another version or a person wrote may lack properties: the form then shows their defaults. */
  function fillMissing(node: EditedNode, find: Find): void {
    for (const [property, { value, type }] of Object.entries(node._def.defaults)) {
      if (node[property] !== undefined || type !== undefined) continue;
      node[property] = structuredClone(value);
      const input = find<HTMLInputElement>(property);
      if (input === null) continue;
      if (input.type === 'checkbox') input.checked = value === true;
      else input.value = String(value);
    }
  }

  /** What a node's `oneditprepare` does. */
  export function prepare(node: EditedNode, prefix = 'node-input'): void {
    const form = formOf(prefix);
    form.classList.add('flowsight-ml');
    const find: Find = (property) => form.querySelector(`#${prefix}-${property}`);
    fillMissing(node, find);
    const suggest = suggestionsFor((property) => find<HTMLInputElement>(property)?.value ?? '');

    nameNone(find('store'), 'defaultStore');
    nameNone(find('resultsDatabase'), 'noDatabase');
    nameNone(find('database'), 'noDatabase');
    dressNumbers(node, find);
    const device = find('device');
    if (device !== null && find('deviceType') !== null) {
      $(device).typedInput({ default: 'msg', types: DEVICE_TYPES, typeField: `#${prefix}-deviceType` });
    }
    for (const limit of form.querySelectorAll<HTMLInputElement>('input[data-limit]')) {
      prepareLimit(limit, form.querySelector<HTMLInputElement>(`#${limit.id}Type`)!);
    }
    const thresholdBy = find<HTMLSelectElement>('thresholdBy');
    if (thresholdBy !== null) prepareThreshold(thresholdBy, find<HTMLInputElement>('thresholdValue')!);
    const layout = find<HTMLSelectElement>('historyLayout');
    if (layout !== null) prepareHistory(form, layout);
    const algorithm = find<HTMLSelectElement>('algorithm');
    if (algorithm !== null) prepareAlgorithm(form, algorithm, find<HTMLSelectElement>('task')!, node);
    for (const input of form.querySelectorAll<HTMLInputElement>('input[data-suggest]')) suggest(input);
    for (const list of form.querySelectorAll<HTMLElement>('ol[data-list]')) {
      const name = list.dataset.list!;
      prepareList(list, node[name], listMaker(name), suggest);
    }
    prepareConditionalRows(form, prefix);
    prepareSections(form, node.type);
  }

  /** A limit is a number, a property of the message or another field of the reading. */
  function prepareLimit(limit: HTMLInputElement, type: HTMLInputElement): void {
    const field = { value: 'field', label: nodeWord('ml-forecast', 'limit.field'), icon: 'fa fa-list' };
    $(limit).typedInput({ default: 'num', types: ['num', 'msg', field], typeField: type });
  }

  /** What it means that no config node is chosen, such as the default folder, says more than Node-RED's "none". */
  function nameNone(choice: HTMLSelectElement | null, word: string): void {
    const none = choice?.querySelector<HTMLOptionElement>('option[value="_ADD_"]');
    if (none) none.textContent = sharedWord(word);
  }

  const paramsIn = (form: Element): HTMLElement | null => form.querySelector<HTMLElement>('[data-params]');

  /** What a node's `oneditsave` does: Node-RED itself keeps plain inputs, this keeps the lists and the parameters. */
  export function save(node: EditedNode, prefix = 'node-input'): void {
    const form = formOf(prefix);
    for (const list of form.querySelectorAll<HTMLElement>('ol[data-list]')) {
      node[list.dataset.list!] = readList(list);
    }
    const params = paramsIn(form);
    const algorithm = form.querySelector<HTMLSelectElement>(`#${prefix}-algorithm`);
    if (params !== null && algorithm !== null) node.params = readParams(algorithm.value, params);
  }
}

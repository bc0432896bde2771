namespace FlowsightMl {
  const i18n = (key: string): string => `data-i18n="${SHARED}${key}"`;
  const placeholder = (property: string): string => `data-i18n="[placeholder]${SHARED}placeholder.${property}"`;

  function row(property: string, icon: string, control: string, attributes = ''): string {
    return `<div class="form-row" ${attributes}>
      <label for="node-input-${property}"><i class="fa fa-${icon}"></i> <span ${i18n(`label.${property}`)}></span></label>
      ${control}
    </div>`;
  }

  const text = (property: string, attributes = ''): string =>
    `<input type="text" id="node-input-${property}" ${attributes}>`;

  const options = (property: string, values: readonly string[]): string =>
    `<select id="node-input-${property}">${values
      .map((value) => `<option value="${value}" ${i18n(`option.${property}.${value}`)}></option>`)
      .join('')}</select>`;

  const section = (name: string, icon: string, rows: readonly string[]): string =>
    `<details data-section="${name}"><summary><i class="fa fa-${icon}"></i> <span ${i18n(`section.${name}`)}></span></summary>
    ${rows.join('')}</details>`;

  const deviceRow = (): string =>
    row('device', 'microchip', text('device') + '<input type="hidden" id="node-input-deviceType">');

  /** Where readings come from messages: all values of `source` but the database. */
  const FROM_MESSAGES = 'data-shown-when="source=auto|batch|sequence|stream|live"';

  const shapeRows = (): readonly string[] => [
    row('fieldNames', 'hashtag', text('fieldNames', placeholder('fieldNames')), FROM_MESSAGES),
    row('topicPattern', 'sitemap', text('topicPattern', placeholder('topicPattern')), FROM_MESSAGES),
    row('maxDevices', 'cubes', text('maxDevices'), FROM_MESSAGES),
  ];

  const WITH_DATABASE = 'data-shown-when="database=*"';
  const layouts = (...shown: readonly string[]): string =>
    `data-shown-when="database=* historyLayout=${shown.join('|')}"`;
  const TABLES = ['shadow', 'narrow', 'wide'] as const;

  /** Past readings in a database. What tables and columns are usually called is no word, and the same in every language. */
  const historyRows = (): readonly string[] => [
    row('database', 'database', '<input type="text" id="node-input-database">'),
    row('historyLayout', 'table', options('historyLayout', [...TABLES, 'sql', 'written']), WITH_DATABASE),
    row(
      'historyTable',
      'list-alt',
      text('historyTable', 'data-usual="shadow=device_shadow_history narrow=metrics wide=telemetry"'),
      layouts(...TABLES),
    ),
    row(
      'historyDevice',
      'microchip',
      text('historyDevice', 'data-usual="shadow=device_uuid narrow=device wide=device"'),
      layouts(...TABLES),
    ),
    row('historyTime', 'clock-o', text('historyTime', 'placeholder="timestamp"'), layouts(...TABLES)),
    row('historyState', 'file-code-o', text('historyState', 'placeholder="reported_state"'), layouts('shadow')),
    row('historyMetric', 'tag', text('historyMetric', 'placeholder="metric"'), layouts('narrow')),
    row('historyValue', 'hashtag', text('historyValue', 'placeholder="value"'), layouts('narrow')),
    row(
      'historySql',
      'code',
      `<textarea id="node-input-historySql" rows="5" spellcheck="false" ${placeholder('historySql')}></textarea>`,
      layouts('sql'),
    ),
    row(
      'historyRange',
      'history',
      text('historyRange', `class="ml-number" ${placeholder('historyRange')}`),
      WITH_DATABASE,
    ),
    row('historyBucket', 'compress', text('historyBucket', placeholder('historyBucket')), WITH_DATABASE),
  ];

  /** Parts of a form that several nodes have, by the name a template calls them. */
  const PARTS: Readonly<Record<string, () => string>> = {
    name: () => row('name', 'tag', text('name', placeholder('name'))),

    model: () => row('model', 'cube', text('model', `data-suggest="models" ${placeholder('model')}`)),

    store: () => row('store', 'database', '<input type="text" id="node-input-store">'),

    readings: () =>
      section('readings', 'list', [
        deviceRow(),
        row(
          'fields',
          'th-list',
          text('fields', `data-suggest="fields" data-suggest-list ${placeholder('fields')}`),
          'data-shown-when="task=detect"',
        ),
        ...shapeRows(),
      ]),

    /** The same for a node that looks at one field, which it asks for itself. */
    seriesReadings: () => section('readings', 'list', [deviceRow(), ...shapeRows()]),

    assembling: () =>
      section('assembling', 'puzzle-piece', [
        `<div class="form-row">
          <label></label>
          <input type="checkbox" id="node-input-reportByException">
          <label for="node-input-reportByException" class="ml-check" ${i18n('label.reportByException')}></label>
        </div>`,
        row('assemble', 'check', options('assemble', ['change', 'step', 'leading'])),
        row('assembleStep', 'clock-o', text('assembleStep'), 'data-shown-when="assemble=step"'),
        row(
          'leadingField',
          'flag',
          text('leadingField', 'data-suggest="fields"'),
          'data-shown-when="assemble=leading"',
        ),
        row('maxAge', 'hourglass-half', text('maxAge')),
      ]),

    history: () => historyRows().join(''),

    /** Beneath it, for nodes that can take all devices. */
    historyDevices: () =>
      row('historyDevices', 'cubes', options('historyDevices', ['table', 'online']), layouts(...TABLES, 'sql')),

    seed: () => row('seed', 'random', text('seed')),

    /** In the section "Results", above what else is asked there. */
    results: () => row('resultsDatabase', 'database', '<input type="text" id="node-input-resultsDatabase">'),

    sampling: () =>
      [
        row('step', 'arrows-h', text('step', placeholder('step'))),
        row('aggregation', 'compress', options('aggregation', ['mean', 'last', 'minimum', 'maximum', 'sum'])),
        row('timeZone', 'globe', text('timeZone', placeholder('timeZone'))),
      ].join(''),

    condition: () =>
      row(
        'conditionField',
        'filter',
        `${text('conditionField', `data-suggest="fields" ${placeholder('conditionField')}`)}
        <select id="node-input-conditionComparison" class="ml-short">
          ${['&gt;', '&gt;=', '&lt;', '&lt;=', '==', '!='].map((sign) => `<option value="${sign}">${sign}</option>`).join('')}
        </select>
        <input type="text" id="node-input-conditionValue" class="ml-short" placeholder="0">`,
      ),
  };

  function loadStyle(): void {
    const id = 'flowsight-ml-style';
    if (document.getElementById(id) !== null) return;
    const href = 'resources/@flowsight/node-red-ml/ml-editor.css';
    document.head.append(element('link', { id, rel: 'stylesheet', href }));
  }

  /** Puts the shared parts into a node's form when its html is loaded: a template has `<div data-part="readings"></div>` where one belongs. */
  export function fillTemplate(type: string): void {
    loadStyle();
    const template = document.querySelector(`script[data-template-name="${type}"]`);
    if (template === null) return;
    template.textContent = template.textContent.replace(
      /<div data-part="(\w+)"><\/div>/g,
      (whole, name: string) => PARTS[name]?.() ?? whole,
    );
  }
}

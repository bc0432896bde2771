namespace FlowsightMl {
  /** The numbers of a metric that must be, and what a new one has. */
  const NUMBERS = { base: 50, daily: 0, weekly: 0, noise: 0.05 } as const;

  /** As `MetricConfig` in nodes/ml-synthetic/config.ts. */
  interface Metric extends Record<keyof typeof NUMBERS, number> {
    readonly name: string;
    readonly minimum: number | null;
    readonly maximum: number | null;
  }

  const word = (key: string): string => nodeWord('ml-synthetic', `metric.${key}`);

  const labelled = (text: string, input: HTMLElement): HTMLElement => element('label', {}, text, input);

  /** One metric of the user's own: its level, rhythms, noise and limits. */
  export const metric: EntryMaker = (item) => {
    const name = entryInput(item.name, word('name'));
    const numbers = Object.entries(NUMBERS).map(
      ([key, usual]) => [key, usual, entryNumber(item[key] ?? usual, String(usual))] as const,
    );
    const minimum = entryNumber(item.minimum, word('none'));
    const maximum = entryNumber(item.maximum, word('none'));
    const content = element(
      'div',
      {},
      element('div', { className: 'ml-line' }, name),
      element(
        'div',
        { className: 'ml-line ml-grid' },
        ...numbers.map(([key, , input]) => labelled(word(key), input)),
        labelled(word('minimum'), minimum),
        labelled(word('maximum'), maximum),
      ),
    );
    const numberOrNull = (input: HTMLInputElement): number | null =>
      input.value.trim() === '' || Number.isNaN(Number(input.value)) ? null : Number(input.value);
    const read = (): Metric | null => {
      if (name.value.trim() === '') return null;
      const values = numbers.map(([key, usual, input]) => [key, numberOrNull(input) ?? usual] as const);
      return {
        name: name.value.trim(),
        ...(Object.fromEntries(values) as Record<keyof typeof NUMBERS, number>),
        minimum: numberOrNull(minimum),
        maximum: numberOrNull(maximum),
      };
    };
    return { content, read };
  };

  /** A validator: the profile `custom` needs metrics. */
  export const metrics: Validator = function (value, _options) {
    return this.profile !== 'custom' || ((value ?? []) as readonly Metric[]).length > 0 || word('needed');
  };
}

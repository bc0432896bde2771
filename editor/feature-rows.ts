namespace FlowsightMl {
  const STATISTICS = ['mean', 'deviation', 'minimum', 'maximum'] as const;

  /** As `FeatureRowConfig` in nodes/ml-train/config.ts. */
  interface FeatureRow extends Record<(typeof STATISTICS)[number], boolean> {
    readonly field: string;
    readonly window: number;
    readonly lags: string;
    readonly rate: boolean;
  }

  const DEFAULT_WINDOW = 5;

  const word = (key: string): string => nodeWord('ml-train', `feature.${key}`);

  function check(name: string, checked: unknown): HTMLInputElement {
    return element('input', { type: 'checkbox', name, checked: Boolean(checked) });
  }

  const labelled = (input: HTMLElement, text: string): HTMLElement => element('label', {}, input, text);

  /** Derived features of a field: statistics over a window, lags, rate of change. */
  export const featureRow: EntryMaker = (item) => {
    const field = entryInput(item.field, word('everyField'), 'fields');
    const boxes = STATISTICS.map((name) => check(name, item[name] ?? name === 'mean'));
    const window = entryNumber(item.window ?? DEFAULT_WINDOW, word('window'));
    const lags = entryInput(item.lags, word('lagsExample'));
    const rate = check('rate', item.rate);
    const line = (...parts: (HTMLElement | string)[]): HTMLElement => {
      const texts = parts.map((part) => (typeof part === 'string' ? element('span', { textContent: part }) : part));
      return element('div', { className: 'ml-line' }, ...texts);
    };
    const content = element(
      'div',
      {},
      line(field),
      line(...boxes.map((box) => labelled(box, word(box.name))), word('over'), window, word('rows')),
      line(labelled(rate, word('rate')), word('lags'), lags),
    );
    const read = (): FeatureRow => ({
      field: field.value.trim(),
      ...(Object.fromEntries(boxes.map((box) => [box.name, box.checked])) as Record<
        (typeof STATISTICS)[number],
        boolean
      >),
      window: Number(window.value) || DEFAULT_WINDOW,
      lags: lags.value.trim(),
      rate: rate.checked,
    });
    return { content, read };
  };
}

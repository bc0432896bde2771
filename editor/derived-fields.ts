namespace FlowsightMl {
  type DerivedField = import('../dist/lib/core/pipeline').DerivedField;
  type Operation = DerivedField['operation'];

  const OPERATIONS = ['percent', 'sum', 'difference'] as const satisfies readonly Operation[];

  const word = (key: string): string => nodeWord('ml-train', `derived.${key}`);

  const namesIn = (text: string): string[] =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');

  /** A field made from others: `load = percent of current in capacity`. */
  export const derivedField: EntryMaker = (item) => {
    const name = entryInput(item.name, word('name'));
    const operation = select(
      OPERATIONS.map((kind) => [kind, word(kind)] as const),
      item.operation ?? 'percent',
    );
    const first = entryInput(item.part ?? item.minuend, '', 'fields');
    const second = entryInput(item.whole ?? item.subtrahend, '', 'fields');
    const several = entryInput(item.of, word('several'), 'fields');
    several.dataset.suggestList = '';
    const between = element('span', {});
    const show = (): void => {
      const isSum = operation.value === 'sum';
      several.hidden = !isSum;
      for (const part of [first, between, second]) part.hidden = isSum;
      between.textContent = operation.value === 'percent' ? word('of') : '−';
      [first.placeholder, second.placeholder] =
        operation.value === 'percent' ? [word('part'), word('whole')] : [word('minuend'), word('subtrahend')];
    };
    $(operation).on('change', show);
    show();

    const content = element(
      'div',
      {},
      element('div', { className: 'ml-line' }, name, '=', operation),
      element('div', { className: 'ml-line' }, first, between, second, several),
    );
    const read = (): DerivedField | null => {
      const [a, b] = [first.value.trim(), second.value.trim()];
      const called = name.value.trim();
      switch (operation.value as Operation) {
        case 'sum': {
          const of = namesIn(several.value);
          return called === '' && of.length === 0 ? null : { name: called, operation: 'sum', of };
        }
        case 'percent':
          return called + a + b === '' ? null : { name: called, operation: 'percent', part: a, whole: b };
        case 'difference':
          return called + a + b === '' ? null : { name: called, operation: 'difference', minuend: a, subtrahend: b };
      }
    };
    return { content, read };
  };

  /** A validator: every derived field has a name and all it is made of. */
  export const derived: Validator = function (value, _options) {
    const complete = ((value ?? []) as readonly DerivedField[]).every((field) =>
      Object.values(field).every((part) => part.length > 0),
    );
    return complete || word('incomplete');
  };
}

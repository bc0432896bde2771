namespace FlowsightMl {
  /**
   * Form sections that fold are `<details data-section="readings">`. Which ones the user likes open is remembered for
   * each kind of node; one that holds something wrong is opened.
   */
  export function prepareSections(form: Element, type: string): void {
    for (const section of form.querySelectorAll('details')) {
      const key = `flowsight-ml.open.${type}.${section.dataset.section ?? ''}`;
      section.open = RED.settings.getLocal(key) === 'true';
      section.querySelector('summary')?.addEventListener('click', () => {
        // The click comes before the section has changed.
        RED.settings.setLocal(key, String(!section.open));
      });
    }
    // Node-RED marks what is wrong after the form has been prepared.
    setTimeout(() => {
      for (const wrong of form.querySelectorAll('details .input-error')) wrong.closest('details')!.open = true;
    });
  }

  /** Node-RED calls it `_ADD_` that no config node is chosen. */
  export const isChosen = (value: unknown): boolean => value !== undefined && value !== '' && value !== '_ADD_';

  /**
   * Rows with `data-shown-when="mode=live"` are there only while the input of that property has that value (or one of
   * several, as in `mode=live|batch`), or, as in `database=*`, while one is chosen; where there are several such pairs,
   * all must hold. A property that the form does not have hides nothing: rows that nodes share may depend on it.
   */
  export function prepareConditionalRows(form: Element, prefix: string): void {
    for (const row of form.querySelectorAll<HTMLElement>('[data-shown-when]')) {
      const conditions = row.dataset.shownWhen!.split(' ').flatMap((condition) => {
        const [property = '', values = ''] = condition.split('=');
        const input = form.querySelector<HTMLInputElement>(`#${prefix}-${property}`);
        return input === null ? [] : [{ input, wanted: values.split('|') }];
      });
      const show = (): void => {
        row.hidden = !conditions.every(({ input, wanted }) => {
          const value = input.type === 'checkbox' ? String(input.checked) : input.value;
          return wanted.includes('*') ? isChosen(value) : wanted.includes(value);
        });
      };
      for (const { input } of conditions) $(input).on('change', show);
      show();
    }
  }
}

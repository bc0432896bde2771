namespace FlowsightMl {
  /** Shows what the table and its column of devices are called while nothing is typed: that depends on the layout. */
  export function prepareHistory(form: Element, layout: HTMLSelectElement): void {
    const show = (): void => {
      for (const input of form.querySelectorAll<HTMLInputElement>('input[data-usual]')) {
        const usual = new Map(input.dataset.usual!.split(' ').map((pair) => pair.split('=') as [string, string]));
        input.placeholder = usual.get(layout.value) ?? '';
      }
    };
    $(layout).on('change', show);
    show();
  }
}

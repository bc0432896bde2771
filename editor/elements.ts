namespace FlowsightMl {
  /** Makes an element with these properties and children. */
  export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    properties: Partial<HTMLElementTagNameMap[K]>,
    ...children: (Node | string)[]
  ): HTMLElementTagNameMap[K] {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  export function select(
    options: readonly (string | readonly [value: string, text: string])[],
    chosen: unknown,
  ): HTMLSelectElement {
    const made = element('select', {});
    for (const option of options) {
      const [value, textContent] = typeof option === 'string' ? [option, option] : option;
      made.append(element('option', { value, textContent }));
    }
    made.value = String(chosen);
    return made;
  }

  /** The number in a text; other text as it is, for the check to name it; blank as blank. */
  export function numberIn(text: string): number | string {
    const trimmed = text.trim();
    return trimmed === '' || Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
  }
}

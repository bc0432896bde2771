namespace FlowsightMl {
  /** One entry of a list in a form: what is shown, and how what has been typed is read; null where it is blank. */
  export interface Entry {
    readonly content: HTMLElement;
    readonly read: () => object | null;
  }
  /** An entry as it is stored. */
  export type Item = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  /** @param item - `{}` for a new one */
  export type EntryMaker = (item: Item) => Entry;

  const readers = new WeakMap<Element, Entry['read']>();

  /** Makes a list whose entries can be added, removed and moved. */
  export function prepareList(list: HTMLElement, items: unknown, makeEntry: EntryMaker, suggest: Suggest): void {
    $(list).editableList({
      removable: true,
      sortable: true,
      height: 'auto',
      addItem: (container: Widgets, _index: number, item: Item) => {
        const { content, read } = makeEntry(item);
        content.classList.add('ml-entry');
        readers.set(content, read);
        container[0].append(content);
        for (const input of content.querySelectorAll<HTMLInputElement>('[data-suggest]')) suggest(input);
      },
    });
    for (const item of Array.isArray(items) ? (items as object[]) : []) $(list).editableList('addItem', item);
  }

  /** What a list holds now, blank entries left out. */
  export function readList(list: HTMLElement): object[] {
    const entries = [...list.querySelectorAll('.ml-entry')].map((content) => readers.get(content)?.() ?? null);
    return entries.filter((entry) => entry !== null);
  }

  /** A short text input inside an entry. */
  export function entryInput(
    value: Item[string] | undefined,
    placeholder: string,
    suggest?: 'fields',
  ): HTMLInputElement {
    const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    const input = element('input', { type: 'text', value: text, placeholder, title: placeholder });
    if (suggest !== undefined) input.dataset.suggest = suggest;
    return input;
  }

  export function entryNumber(value: Item[string] | undefined, placeholder: string): HTMLInputElement {
    const input = entryInput(value, placeholder);
    input.classList.add('ml-short');
    $(input).on('change keyup', () => {
      input.classList.toggle('input-error', problemWithNumber(undefined, input.value) !== null);
    });
    return input;
  }
}

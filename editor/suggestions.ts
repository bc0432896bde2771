namespace FlowsightMl {
  /** What the admin route tells, see nodes/ml-store/suggestions.ts. */
  interface Suggestions {
    readonly models: readonly {
      readonly name: string;
      readonly devices: readonly string[];
      readonly fields: readonly string[];
    }[];
  }

  const MOST = 50;

  /** What has been seen lately in a store. Without the right to read it: nothing. */
  async function fetchSuggestions(store: string): Promise<Suggestions> {
    try {
      return (await $.getJSON(`flowsight-ml/suggestions?store=${encodeURIComponent(store)}`)) as Suggestions;
    } catch {
      return { models: [] };
    }
  }

  /** Devices and fields of the chosen model where it is known, else of all. */
  function namesOf(kind: string, { models }: Suggestions, model: string): readonly string[] {
    if (kind === 'models') return models.map(({ name }) => name);
    const chosen = models.filter(({ name }) => name === model);
    const names = (chosen.length > 0 ? chosen : models).flatMap((known) =>
      kind === 'devices' ? known.devices : known.fields,
    );
    return [...new Set(names)].sort();
  }

  /** Gives an input with `data-suggest` its suggestions. */
  export type Suggest = (input: HTMLInputElement) => void;

  /**
   * Inputs with `data-suggest="models"`, `"devices"` or `"fields"` offer names that have been seen; with
   * `data-suggest-list` the last name of a comma-separated list is completed. The arrow key down shows all.
   */
  export function suggestionsFor(valueOf: (property: string) => string): Suggest {
    let asked: { readonly store: string; readonly answer: Promise<Suggestions> } | undefined;

    async function search(input: HTMLInputElement, text: string): Promise<object[]> {
      const store = valueOf('store');
      if (asked?.store !== store) asked = { store, answer: fetchSuggestions(store) };
      const names = namesOf(input.dataset.suggest!, await asked.answer, valueOf('model') || 'default');
      const before = 'suggestList' in input.dataset ? (/^.*,\s*/.exec(text)?.[0] ?? '') : '';
      const typed = text.slice(before.length).trim();
      const found = names.filter((name) => name.toLowerCase().includes(typed.toLowerCase())).slice(0, MOST);
      if (found.length === 0) return [];
      // The key Enter takes the first: what has been typed, so that a new name can be given.
      const offered = typed === '' ? found : [typed, ...found.filter((name) => name !== typed)];
      return offered.map((name) => ({ value: before + name, label: name }));
    }

    return (input) => {
      $(input).autoComplete({
        minLength: 0,
        search: (text: string, done: (found: object[]) => void) => {
          search(input, text).then(done, () => done([]));
        },
      });
    };
  }
}

/** The little of Node-RED's editor, and of the jQuery widgets in it, that the forms use. */

interface Widgets {
  on(events: string, listener: () => void): Widgets;
  trigger(event: string): Widgets;
  typedInput(options: object): Widgets;
  autoComplete(options: object): Widgets;
  editableList(options: object): Widgets;
  editableList(method: 'addItem', item: object): Widgets;
  /** The element itself. */
  readonly 0: HTMLElement;
}

declare const $: {
  (element: Element): Widgets;
  getJSON(url: string): PromiseLike<unknown>;
  ajax(options: object): PromiseLike<unknown>;
};

declare const RED: {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  /** Exported settings of nodes among them. */
  readonly settings: Readonly<Record<string, unknown>> & {
    getLocal(key: string): string | null;
    setLocal(key: string, value: string): void;
  };
  readonly popover: { tooltip(target: Widgets, content: string): unknown };
};

/** A node whose form is open, or whose configuration is checked. */
interface EditedNode extends Record<string, unknown> {
  readonly type: string;
  readonly _def: { readonly defaults: Readonly<Record<string, { readonly value: unknown; readonly type?: string }>> };
}

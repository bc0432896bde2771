namespace FlowsightMl {
  const PACKAGE = '@flowsight/node-red-ml';

  /** Where the texts that all forms share stand: `data-i18n` with this in front finds them from any node. */
  export const SHARED = `${PACKAGE}/ml-store:shared.`;

  export function sharedWord(key: string, values: Readonly<Record<string, unknown>> = {}): string {
    return RED._(SHARED + key, values);
  }

  /** A text of one node's own, by its key below the node's name. */
  export function nodeWord(type: string, key: string): string {
    return RED._(`${PACKAGE}/${type}:${type}.${key}`);
  }

  /** What a form calls a property: its own word for it, else the shared one. */
  export function labelOf(type: string, property: string): string {
    const key = `label.${property}`;
    const own = nodeWord(type, key);
    // A text that does not exist comes back as its key.
    return own.endsWith(key) ? sharedWord(key) : own;
  }
}

/** Names that a sentence lists before it says "and so many more". */
const NAMED = 3;

/** "pump-07: readings of flow and pressure have moved away from what pump-health learned; train it again." */
export function beganText(device: string, model: string, fields: readonly string[]): string {
  if (fields.length === 0) {
    return `${device}: its readings fit together otherwise than what ${model} learned; train it again.`;
  }
  return `${device}: readings of ${listed(fields)} have moved away from what ${model} learned; train it again.`;
}

export function endedText(device: string, model: string): string {
  return `${device}: readings are again like those that ${model} learned from.`;
}

export function replacedText(device: string, model: string): string {
  return `${device}: another version of ${model} is in use; readings are compared with what that one learned.`;
}

export function unwatchedText(device: string): string {
  return `${device}: what judges it now does not know what usual days are like; drift is not watched any more.`;
}

export function resetText(device: string): string {
  return `${device}: was reset; its readings are watched anew.`;
}

function listed(names: readonly string[]): string {
  if (names.length > NAMED) return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** Names compared for "did you mean"; more would take long on a message of many fields. */
const MAX_NAMES = 1000;
const MAX_LENGTH = 100;

/** The name most like the one given, for "did you mean"; undefined where none is like it. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A third of the letters may differ, or two that changed places: more is another word.
  let least = (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) + 1;
  for (const other of names.slice(0, MAX_NAMES)) {
    if (other.length > MAX_LENGTH || name.length > MAX_LENGTH) continue;
    const distance = editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance < least) {
      least = distance;
      best = other;
    }
  }
  return best;
}

/** Letters to insert, delete or replace (V. Levenshtein, 1966), by dynamic programming over two rows. */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, before[j]! + 1, row[j - 1]! + 1));
    }
    before = row;
  }
  return before[b.length]!;
}

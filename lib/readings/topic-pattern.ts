import { MlError, show } from '../core/errors';

/** The longest topic that MQTT allows, in bytes. */
const MAX_TOPIC_LENGTH = 65_535;

export interface TopicMatch {
  readonly device: string | undefined;
  readonly field: string | undefined;
}

/**
 * Takes device and field from topics: `site/{device}/{field}`. `+` stands for any level, `#` at the end for any rest.
 * Where a placeholder comes more than once its levels are joined: devices by `/`, fields by `.`.
 */
export class TopicPattern {
  readonly text: string;
  readonly hasField: boolean;
  readonly #levels: readonly string[];

  /** @throws MlError `PARAMETER` for a pattern that cannot be matched */
  constructor(text: string) {
    this.text = text;
    this.#levels = text.split('/');
    this.hasField = this.#levels.includes('{field}');
    this.#levels.forEach((level, i) => {
      checkLevel(text, level, i === this.#levels.length - 1);
    });
  }

  /** What a topic says; null where it does not fit. */
  match(topic: string): TopicMatch | null {
    if (topic.length > MAX_TOPIC_LENGTH) return null;
    const levels = topic.split('/');
    const open = this.#levels.at(-1) === '#';
    const fixed = open ? this.#levels.length - 1 : this.#levels.length;
    if (open ? levels.length < fixed : levels.length !== fixed) return null;
    let device: string | undefined;
    let field: string | undefined;
    for (let i = 0; i < fixed; i++) {
      const expected = this.#levels[i]!;
      const level = levels[i]!;
      if (expected === '+') continue;
      if (expected === '{device}') device = device === undefined ? level : `${device}/${level}`;
      else if (expected === '{field}') field = field === undefined ? level : `${field}.${level}`;
      else if (expected !== level) return null;
      if (level === '' && expected !== '') return null;
    }
    return { device, field };
  }
}

function checkLevel(pattern: string, level: string, isLast: boolean): void {
  if (level === '{device}' || level === '{field}' || level === '+') return;
  const problem =
    level === '#' && !isLast
      ? '"#" stands for the rest and must come last'
      : level !== '#' && /[{}+#]/.test(level)
        ? `the level ${show(level)} is neither plain text nor one of {device}, {field}, +, #`
        : undefined;
  if (problem === undefined) return;
  throw new MlError(
    'PARAMETER',
    `The topic pattern ${show(pattern)} cannot be used: ${problem}. Example: site/{device}/{field}.`,
  );
}

import { MlError, show } from '../../core/errors';

/** Names that stand for values in the user's own SQL. */
export type SqlName = 'device' | 'from' | 'to';

/** Tokens inside which nothing stands for a value, and those that matter; first match wins (PostgreSQL manual, 4.1). */
const TOKENS = {
  text: /[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)/y,
  quotedName: /"(?:[^"]|"")*(?:"|$)/y,
  name: /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy,
  dollarText: /\$([a-zA-Z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[^]*?\$\1\$/y,
  value: /\$\w+/y,
  lineComment: /--[^\r\n]*/y,
  space: /\s+/y,
  end: /;/y,
} as const;
type Kind = keyof typeof TOKENS | 'comment' | 'other';
const KINDS = Object.keys(TOKENS) as (keyof typeof TOKENS)[];

/**
 * The user's own query with its `$device`, `$from` and `$to` replaced, wherever they are not part of a text, a name or
 * a comment; a semicolon at its end is taken off.
 * @param placeholder - what to put in place of a name, such as `$1`
 * @throws MlError `PARAMETER` for other names after `$`, several statements, or none
 */
export function replaceNames(sql: string, placeholder: (name: SqlName) => string): string {
  let text = '';
  let hasEnded = false;
  let isEmpty = true;
  for (const { kind, part } of tokensOf(sql)) {
    const isSpace = kind === 'space' || kind === 'comment' || kind === 'lineComment';
    if (hasEnded && !isSpace && kind !== 'end') {
      throw new MlError('PARAMETER', `Your own SQL must be one SELECT, but something follows the ";": ${show(part)}.`);
    }
    if (kind === 'end') hasEnded = true;
    else text += kind === 'value' ? placeholder(nameOf(part)) : part;
    isEmpty &&= isSpace || kind === 'end';
  }
  if (isEmpty) throw new MlError('PARAMETER', 'Your own SQL is empty: write a SELECT.');
  return text;
}

function nameOf(part: string): SqlName {
  const name = part.slice(1);
  if (name === 'device' || name === 'from' || name === 'to') return name;
  throw new MlError('PARAMETER', `In your own SQL only $device, $from and $to stand for values, got ${part}.`);
}

function* tokensOf(sql: string): Generator<{ readonly kind: Kind; readonly part: string }> {
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at);
    yield token;
    at += token.part.length;
  }
}

function tokenAt(sql: string, at: number): { readonly kind: Kind; readonly part: string } {
  if (sql.startsWith('/*', at)) return { kind: 'comment', part: sql.slice(at, endOfComment(sql, at)) };
  for (const kind of KINDS) {
    const token = TOKENS[kind];
    token.lastIndex = at;
    const match = token.exec(sql);
    if (match !== null) return { kind, part: match[0] };
  }
  return { kind: 'other', part: sql[at]! };
}

/** Comments may stand in one another. */
function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

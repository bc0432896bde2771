/** What a column can be for a history. */
export type ColumnKind =
  'integer' | 'real' | 'boolean' | 'text' | 'json' | 'timestamptz' | 'timestamp' | 'date' | 'other';

/** Ids of built-in types: the same in every PostgreSQL, from its pg_type.dat. */
const KINDS: Readonly<Record<number, ColumnKind>> = {
  16: 'boolean',
  20: 'integer', // bigint
  21: 'integer', // smallint
  23: 'integer',
  25: 'text',
  114: 'json',
  700: 'real',
  701: 'real', // double precision
  1042: 'text', // char
  1043: 'text', // varchar
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'real', // numeric
  3802: 'json', // jsonb
};

export function kindOfType(typeId: number): ColumnKind {
  return KINDS[typeId] ?? 'other';
}

/** Kinds that are numbers whatever the rows hold. */
export function isNumeric(kind: ColumnKind): boolean {
  return kind === 'integer' || kind === 'real' || kind === 'boolean';
}

/** One connection's worth of a database: what runs in it sees its own changes. */
export interface SqlSession {
  /**
   * Runs one statement.
   * @param values - for `$1`, `$2` …; never put into the text
   * @throws MlError `DATABASE`, saying what the database said and what to do
   */
  query<R extends object = object>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
}

/** Rows as they come over the wire: one array each, its cells in the order of the columns. */
export interface SqlRows {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What runs in a transaction. */
export interface SqlTransaction extends SqlSession {
  /** As `query`, for many rows: no object is made of each, and the columns are there without any row. */
  rows(text: string, values?: readonly unknown[]): Promise<SqlRows>;
}

/** A database as the rest of the package needs it: implemented over a PostgreSQL server and over PGlite. */
export interface SqlClient extends SqlSession {
  /** Runs `work` whole or not at all. @param readOnly - the database refuses any change */
  transaction<T>(work: (session: SqlTransaction) => Promise<T>, readOnly?: boolean): Promise<T>;
  /**
   * Calls back for each `NOTIFY` on the channel, and with `null` when notices may have been missed (a new connection).
   * @param channel - of a–z, 0–9 and _ only: PGlite handles no other names
   * @returns the way to stop it
   */
  listen(channel: string, onNotice: (payload: string | null) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** A name as SQL: whatever stands in it, it is one identifier. NUL, which no name can hold, is left out. */
export function identifier(...path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`).join('.');
}

import { isMlError, messageOf, MlError } from '../core/errors';

/** What PostgreSQL and the network say, by code, and what to do about it. Codes: PostgreSQL manual, appendix A. */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'Check the user and the password.',
  '28000': 'Check the user, and whether the server lets it in from this machine (pg_hba.conf).',
  '3D000': 'Check the name of the database.',
  '3F000': 'Check the name of the schema.',
  '42P01': 'Check the name of the table and its schema, capital letters included.',
  '42703': 'Check the names of the columns.',
  '42501': 'Grant the user the right to it.',
  '42601': 'Check the SQL; it must be one SELECT.',
  '42883': 'Check the types of the columns and values.',
  '22P02': 'Check the types of the columns and values.',
  '25006': 'Only reading is allowed here.',
  '57014': 'It took longer than the time allowed; ask for less, or allow more.',
  '53300': 'The server has no connection left; lower the pool size.',
  ECONNREFUSED: 'Is the server running, and are host and port right?',
  ENOTFOUND: 'Check the host name.',
  EAI_AGAIN: 'Check the host name and the network.',
  ETIMEDOUT: 'Check host, port and network.',
};

/** SQLSTATE classes, and codes of the network, after which the connection is gone or never came about. */
const LOST = /^(08...|57P0.|ECONN.*|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|28...|3D000|53300)$/;

/** What `pg` says without a code; a read that timed out leaves a connection of which nobody knows what comes next. */
const LOST_WORDS = /connection terminated|connection timeout|timeout exceeded|read timeout|not queryable/i;

/** The SQLSTATE or the network's code of what was thrown; empty: none. */
export function errorCode(error: unknown): string {
  return codeOf(causeOf(error));
}

/** What the driver threw, however many sentences it has become since. */
function causeOf(error: unknown): unknown {
  return isMlError(error, 'DATABASE') ? causeOf(error.cause) : error;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** True where the statement may be fine, but nobody was there to run it. */
export function isConnectionLost(error: unknown): boolean {
  const cause = causeOf(error);
  return LOST.test(codeOf(cause)) || LOST_WORDS.test(messageOf(cause));
}

/** The error as a sentence that names the thing and says what to do. @param where - the database's name in messages */
export function databaseError(where: string, error: unknown): MlError {
  if (isMlError(error)) return error;
  const said = messageOf(error).trim() || codeOf(error) || 'no reason was given';
  const lost = isConnectionLost(error) ? 'The connection was lost; ask again when the database is back.' : undefined;
  const advice = ADVICE[codeOf(error)] ?? lost;
  const sentence = `The database ${where} says: ${said.replace(/[.\s]+$/, '')}.`;
  return new MlError('DATABASE', advice === undefined ? sentence : `${sentence} ${advice}`, { cause: error });
}

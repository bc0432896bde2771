/** What went wrong, for programs; the message is for people. */
export type MlErrorCode =
  | 'PARAMETER'
  | 'DATA'
  | 'TOO_FEW_ROWS'
  | 'LIMIT'
  | 'ARTIFACT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'STORE'
  | 'DATABASE'
  | 'ABORTED'
  | 'WORKER';

/**
 * The one error the core throws. Its message is a plain sentence: what was expected, what came, what to do.
 * Nodes pass the message on as it is.
 */
export class MlError extends Error {
  override readonly name = 'MlError';
  constructor(
    readonly code: MlErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** True for an `MlError`, also one that another copy of this package or a worker made. */
export function isMlError(error: unknown, code?: MlErrorCode): error is MlError {
  return error instanceof Error && error.name === 'MlError' && (code === undefined || (error as MlError).code === code);
}

/** The message of anything thrown, for a sentence that names a cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Throws `ABORTED` when the signal has been aborted; long loops call it now and then. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MlError('ABORTED', 'The training was cancelled.');
}

/** A short, safe rendering of any value for an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}

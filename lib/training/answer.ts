import type { MessagePort } from 'node:worker_threads';
import type { EpochReport } from '../core/algorithm';
import { isMlError, messageOf, MlError, type MlErrorCode } from '../core/errors';

/** What a worker tells while it works. */
export interface Told {
  /** 0…1 */
  readonly fraction: number;
  readonly epoch?: EpochReport | undefined;
}

/** What a worker is given: the work, and the port to which it posts `Told`. */
export interface Job<T> {
  readonly work: T;
  readonly progress: MessagePort;
}

/** What a worker gives back. An error crosses as data: structured clone would lose its name and code. */
export type Answer<R> =
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly code: MlErrorCode; readonly message: string };

/** Runs `work` in a worker and makes an answer of its result or error. Errors that are no `MlError` become `WORKER`. */
export async function answerOf<R>(work: () => Promise<R>): Promise<Answer<R>> {
  try {
    return { ok: true, result: await work() };
  } catch (error) {
    return { ok: false, code: isMlError(error) ? error.code : 'WORKER', message: messageOf(error) };
  }
}

/** The result, or the error as it was thrown in the worker. */
export function resultOf<R>(answer: Answer<R>): R {
  if (answer.ok) return answer.result;
  throw new MlError(answer.code, answer.message);
}

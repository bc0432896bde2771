import { SHARED_DEVICE } from '../core/artifact';
import { isMlError, messageOf, MlError } from '../core/errors';

/** A training that failed. */
export interface Failure {
  /** The device, or `SHARED_DEVICE`. */
  readonly target: string;
  readonly error: unknown;
}

/** Devices named in a sentence, and sentences, at the most. */
const MAX_TOLD = 5;

/** The failure of one training, as an error that says which model and whose. */
export function failureOf(model: string, { target, error }: Failure): MlError {
  return new MlError(codeOf(error), sentence(model, [target], messageOf(error)), { cause: error });
}

/**
 * Several failures as one error: those that have the same reason share a sentence.
 * @param failures - at least one
 * @param tried - trainings, those that did not fail included
 */
export function failureOfAll(model: string, failures: readonly Failure[], tried: number): MlError {
  const targetsByReason = new Map<string, string[]>();
  for (const { target, error } of failures) {
    const reason = messageOf(error);
    const known = targetsByReason.get(reason);
    if (known === undefined) targetsByReason.set(reason, [target]);
    else known.push(target);
  }
  const told = [...targetsByReason].slice(0, MAX_TOLD);
  const untold = failures.length - told.reduce((sum, [, targets]) => sum + targets.length, 0);
  const sentences = told.map(([reason, targets]) => sentence(model, targets, reason));
  if (untold > 0) sentences.push(`And ${untold} more.`);
  const text = `${failures.length} of ${tried} trainings failed. ${sentences.join(' ')}`;
  return new MlError(codeOf(failures[0]?.error), text);
}

function codeOf(error: unknown): MlError['code'] {
  return isMlError(error) ? error.code : 'WORKER';
}

function sentence(model: string, targets: readonly string[], reason: string): string {
  return `"${model}" for ${listed(targets)}: ${reason}`;
}

/** `a`, `a and b`, `a, b and c`, `a, b, c, d, e and 495 more`. */
function listed(targets: readonly string[]): string {
  const names = targets.slice(0, MAX_TOLD).map((target) => (target === SHARED_DEVICE ? 'all devices' : target));
  if (targets.length > MAX_TOLD) names.push(`${targets.length - MAX_TOLD} more`);
  const last = names.pop()!;
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

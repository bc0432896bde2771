import { MlError, show } from '../../lib/core/errors';
import type { InputMessage } from './on-input';

export function isCommand({ action }: InputMessage): boolean {
  return action !== undefined && action !== null && action !== '';
}

/**
 * The device that a command is for; null: all of them.
 * @throws MlError `PARAMETER` for what is no name
 */
export function deviceNamed(owner: string, device: unknown): string | null {
  if (device === undefined || device === null || device === '') return null;
  if (typeof device === 'string' || typeof device === 'number') return String(device).trim();
  throw new MlError('PARAMETER', `${owner}: msg.device must be a name, got ${show(device)}.`);
}

/** A batch stays one, even of a single row. */
export function holdsRows(payload: unknown): boolean {
  return Array.isArray(payload) && typeof payload[0] === 'object';
}

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
  return nameIn(owner, 'device', device);
}

/**
 * The model that a message names; null: that of the node's settings.
 * @throws MlError `PARAMETER` for what is no name
 */
export function modelNamed(owner: string, model: unknown): string | null {
  return nameIn(owner, 'model', model);
}

function nameIn(owner: string, property: string, given: unknown): string | null {
  if (given === undefined || given === null || given === '') return null;
  if (typeof given === 'string' || typeof given === 'number') return String(given).trim();
  throw new MlError('PARAMETER', `${owner}: msg.${property} must be a name, got ${show(given)}.`);
}

/** A batch stays one, even of a single row. */
export function holdsRows(payload: unknown): boolean {
  return Array.isArray(payload) && typeof payload[0] === 'object';
}

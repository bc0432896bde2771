import { MlError, show } from '../../lib/core/errors';
import type { ModelKey, ModelStore } from '../../lib/store/store';
import type { InputMessage } from '../shared/on-input';
import { DATA_ACTIONS, STORE_ACTIONS, type DataAction, type MlModelStoreConfig, type StoreAction } from './config';

/** What a message, with the node's settings, asks of the store. Members that nobody gave are absent. */
export interface StoreRequest extends Partial<ModelKey> {
  readonly action: StoreAction;
  readonly version?: number;
  /** null: back to the one that training chose. */
  readonly threshold?: number | null;
  readonly keep?: number;
  readonly payload: unknown;
}

/** What is to be done. @throws MlError `PARAMETER` naming what there is */
export function actionOf(message: InputMessage, config: MlModelStoreConfig): StoreAction | DataAction {
  const action = message.action ?? config.action;
  const all = [...STORE_ACTIONS, ...DATA_ACTIONS];
  const known = all.find((each) => each === action);
  if (known !== undefined) return known;
  throw new MlError('PARAMETER', `msg.action must be one of ${all.join(', ')}; got ${show(action)}.`);
}

/** @throws MlError `PARAMETER` naming the property, what it must be and what it is */
export function requestOf(message: InputMessage, config: MlModelStoreConfig, action: StoreAction): StoreRequest {
  const name = nameOf('msg.model', message.model, config.model);
  const device = nameOf('msg.device', message.device, config.device);
  const version = wholeNumber('msg.version', message.version);
  const keep = wholeNumber('msg.keep', message.keep);
  const threshold = thresholdOf(message.threshold);
  return {
    action,
    payload: message.payload,
    ...(name !== undefined && { name }),
    ...(device !== undefined && { device }),
    ...(version !== undefined && { version }),
    ...(keep !== undefined && { keep }),
    ...(threshold !== undefined && { threshold }),
  };
}

/**
 * The one model a request is about. Where no device is named, the model must have only one.
 * @throws MlError `PARAMETER` where it is not clear which, `NOT_FOUND` where there is none
 */
export async function modelOf({ action, name, device }: StoreRequest, models: ModelStore): Promise<ModelKey> {
  if (name === undefined) {
    throw new MlError('PARAMETER', `To ${action}, name a model: in msg.model or in the node's settings.`);
  }
  if (device !== undefined) return { name, device };
  const [key, ...others] = await models.keys({ name });
  if (key === undefined) throw new MlError('NOT_FOUND', `There is no model ${show(name)} for any device.`);
  if (others.length === 0) return key;
  throw new MlError(
    'PARAMETER',
    `There are ${others.length + 1} models ${show(name)}, for ${key.device}, ${others[0]!.device} …: name the device in msg.device.`,
  );
}

/** A name in a message, else in the form; undefined: nobody gave one. @throws MlError `PARAMETER` */
export function nameOf(property: string, given: unknown, configured = ''): string | undefined {
  const name = given ?? configured.trim();
  if (name === '') return undefined;
  if (typeof name === 'string') return name;
  if (typeof name === 'number' && Number.isFinite(name)) return String(name);
  throw new MlError('PARAMETER', `${property} must be a name, got ${show(name)}.`);
}

function numberOf(given: unknown): unknown {
  return typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
}

/** A number of at least 1 in a message; undefined where it is blank. @throws MlError `PARAMETER` */
export function wholeNumber(property: string, given: unknown): number | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const value = numberOf(given);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new MlError('PARAMETER', `${property} must be a whole number of at least 1, got ${show(given)}.`);
}

function thresholdOf(given: unknown): number | null | undefined {
  if (given === undefined || given === null) return given;
  const value = numberOf(given);
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new MlError('PARAMETER', `msg.threshold must be a score from 0 to 1, or null, got ${show(given)}.`);
}

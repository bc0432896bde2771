import type { Node, NodeAPI } from 'node-red';
import { MlError, show } from '../../lib/core/errors';
import type { ParamSpecs } from '../../lib/core/params';
import type { Reading } from '../../lib/core/readings';
import { ASSEMBLE_MODES, MessageReader } from '../../lib/readings/message-reader';
import type { ReadingConfig } from './config';
import { deviceSetting } from './device';
import type { InputMessage } from './on-input';
import { listSetting, numberSettings } from './settings';

/** The numbers of the form's section "Readings". */
export const readingSpecs = {
  assembleStep: { type: 'number', default: 10, min: 0.001, max: 86_400, unit: 's', doc: 'Time between readings.' },
  maxAge: { type: 'number', default: 600, min: 0.001, max: 31_536_000, unit: 's', doc: 'How long a value is held.' },
  maxDevices: { type: 'int', default: 1000, min: 1, max: 100_000, doc: 'Devices that are told apart.' },
} as const satisfies ParamSpecs;

/**
 * Reads a message and gives what it holds to `use`, in the order in which messages came. Returns a promise only where
 * the device has to be waited for, or where `use` returns one.
 */
export type ReadMessage = (
  message: InputMessage,
  use: (readings: Reading[]) => void | Promise<void>,
) => void | Promise<void>;

/**
 * Makes a node's way from messages to readings out of its form's section "Readings".
 * @throws MlError `PARAMETER` for a setting that makes no sense
 */
export function readMessages(RED: NodeAPI, node: Node, config: Partial<ReadingConfig>): ReadMessage {
  const reader = readerOf(node, config);
  const deviceOf = deviceSetting(RED, node, config);
  const read = ({ payload, topic, timestamp }: InputMessage, device: unknown): Reading[] =>
    reader.read({ payload, topic, timestamp, device }, Date.now());

  let turn: Promise<unknown> = Promise.resolve();
  return (message, use) => {
    const device = deviceOf(message);
    if (!(device instanceof Promise)) return use(read(message, device));
    const readings = Promise.all([device, turn]).then(([found]) => read(message, found));
    turn = readings.catch(() => undefined);
    return readings.then(use);
  };
}

function readerOf(node: Node, config: Partial<ReadingConfig>): MessageReader {
  const { assembleStep, maxAge, maxDevices } = numberSettings(node.type, readingSpecs, config);
  const assemble = config.assemble ?? 'change';
  if (!ASSEMBLE_MODES.includes(assemble)) {
    const known = ASSEMBLE_MODES.join(', ');
    throw new MlError('PARAMETER', `${node.type}: assemble must be one of ${known}, got ${show(assemble)}.`);
  }
  let hasWarned = false;
  return new MessageReader({
    topicPattern: (config.topicPattern ?? '').trim(),
    fieldNames: listSetting(config.fieldNames),
    reportByException: config.reportByException ?? false,
    assemble,
    assembleStepMs: assembleStep * 1000,
    leadingField: (config.leadingField ?? '').trim(),
    maxAgeMs: maxAge * 1000,
    maxDevices,
    onEvicted: (device) => {
      // Once: with one device too many that take turns, each message evicts one.
      if (hasWarned) return;
      hasWarned = true;
      node.warn(
        `More than ${maxDevices} devices have sent: the held values of the one silent for longest, ${show(device)} now, ` +
          'are forgotten, from here on without a word. Raise the limit of devices if these are real ones.',
      );
    },
  });
}

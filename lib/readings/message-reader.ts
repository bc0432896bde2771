import { SHARED_DEVICE } from '../core/artifact';
import { isMlError, messageOf, MlError, show } from '../core/errors';
import type { Reading } from '../core/readings';
import { ASSEMBLE_MODES, Assembler, type AssemblerSettings, type PartialReading } from './assembler';
import { MAX_DEVICE_LENGTH } from './limits';
import { inReading, parsePayload, parseTag, type ParsedPayload } from './payload';
import { checkFieldLength, isFieldName, nameText, type RawReading } from './raw-reading';
import { timeOf } from './time';
import { TopicPattern, type TopicMatch } from './topic-pattern';

export { ASSEMBLE_MODES, type AssembleMode } from './assembler';

export interface MessageReaderSettings extends AssemblerSettings {
  /** Such as `site/{device}/{field}`, with `+` for any level and `#` for the rest; empty: the topic says nothing. */
  readonly topicPattern: string;
  /** Names for a bare number or a bare array of numbers; empty: `value`. */
  readonly fieldNames: readonly string[];
  /** Objects hold only what has changed: they are assembled, as tags and Sparkplug metrics always are. */
  readonly reportByException: boolean;
}

/** What matters of a message. */
export interface ReadingMessage {
  readonly payload: unknown;
  readonly topic?: unknown;
  readonly timestamp?: unknown;
  /** What the node's device setting gives for this message; blank: topic pattern, topic, `default`. */
  readonly device?: unknown;
}

const DEFAULTS: MessageReaderSettings = {
  topicPattern: '',
  fieldNames: [],
  reportByException: false,
  assemble: 'change',
  assembleStepMs: 10_000,
  leadingField: '',
  maxAgeMs: 600_000,
  maxDevices: 1000,
  onEvicted: () => undefined,
};

const NO_TOPIC: TopicMatch = { device: undefined, field: undefined };

/** Turns messages of any of the supported shapes into readings. */
export class MessageReader {
  readonly #settings: MessageReaderSettings;
  readonly #pattern: TopicPattern | null;
  readonly #assembler: Assembler;

  /** @throws MlError `PARAMETER` for a setting that makes no sense */
  constructor(settings: Partial<MessageReaderSettings> = {}) {
    this.#settings = { ...DEFAULTS, ...settings };
    checkSettings(this.#settings);
    const { topicPattern } = this.#settings;
    this.#pattern = topicPattern === '' ? null : new TopicPattern(topicPattern);
    this.#assembler = new Assembler(this.#settings);
  }

  /**
   * The readings a message holds or completes; none where an assembled reading is not complete yet.
   * @param nowMs - the time of readings that have none
   * @throws MlError `DATA` for what holds no readings, `LIMIT` for too much of it; nothing else, whatever comes
   */
  read(message: ReadingMessage, nowMs: number): Reading[] {
    try {
      return this.#read(message, nowMs);
    } catch (cause) {
      if (isMlError(cause)) throw cause;
      // Objects made by other nodes may throw when they are looked at.
      throw new MlError('DATA', `The message cannot be read: ${messageOf(cause)}`, { cause });
    }
  }

  #read(message: ReadingMessage, nowMs: number): Reading[] {
    const topic = typeof message.topic === 'string' ? message.topic.trim() : '';
    const fromTopic = this.#fromTopic(topic);
    const { field } = fromTopic;
    if (field !== undefined && !isFieldName(field)) return [];

    const parsed =
      field === undefined ? parsePayload(message.payload, this.#settings.fieldNames) : parseTag(message.payload);
    const isPartial = parsed.isPartial || field !== undefined || this.#settings.reportByException;
    if (!isPartial) checkNumbers(parsed);
    const given = messageDevice(message.device);
    const fallback = fromTopic.device ?? (field === undefined ? deviceOfTopic(topic) : undefined) ?? 'default';
    const messageMs = (): number => timeOf(message.timestamp, 'msg.timestamp') ?? nowMs;

    const { isBatch } = parsed;
    const take = (raw: RawReading): readonly Reading[] => {
      const own = isBatch ? (raw.device ?? given) : (given ?? raw.device);
      const device = checkDevice(own ?? fallback);
      const timestampMs = (raw.time && timeOf(raw.time.value, `"${raw.time.name}"`)) ?? messageMs();
      const values = field === undefined ? raw.values : named(raw.values, field);
      const partial = { device, timestampMs, values, label: raw.label };
      return isPartial ? this.#assembler.take(partial) : [wholeReading(partial, raw)];
    };
    const { readings } = parsed;
    if (!isBatch) return readings.flatMap(take);
    return readings.flatMap((raw, i) => inReading(i, readings.length, () => take(raw)));
  }

  #fromTopic(topic: string): TopicMatch {
    if (this.#pattern === null || topic === '') return NO_TOPIC;
    const match = this.#pattern.match(topic);
    if (match !== null) return match;
    throw new MlError('DATA', `The topic ${show(topic)} does not fit the topic pattern ${show(this.#pattern.text)}.`);
  }
}

function checkSettings({ assemble, assembleStepMs, leadingField, maxAgeMs, maxDevices }: MessageReaderSettings): void {
  if (!ASSEMBLE_MODES.includes(assemble)) {
    throw new MlError('PARAMETER', `Readings are assembled by ${ASSEMBLE_MODES.join(', ')}, got ${show(assemble)}.`);
  }
  if (assemble === 'leading' && leadingField === '') {
    throw new MlError('PARAMETER', 'To assemble readings on a leading field, name that field.');
  }
  for (const [name, value] of Object.entries({ assembleStepMs, maxAgeMs, maxDevices })) {
    if (!(value >= 1 && value < Infinity))
      throw new MlError('PARAMETER', `${name} must be at least 1, got ${show(value)}.`);
  }
}

/** An object without a number is a mistake in the flow; one with blanks is a device that measures nothing now. */
function checkNumbers({ readings }: ParsedPayload): void {
  if (readings.length === 0 || readings.some(({ numbers, blanks }) => numbers + blanks > 0)) return;
  const names = [...new Set(readings.slice(0, 10).flatMap(({ values }) => [...values.keys()]))].slice(0, 10);
  const holds = names.length === 1 ? 'holds' : 'hold';
  const came = names.length === 0 ? 'it has no fields' : `${names.map((name) => show(name)).join(', ')} ${holds} none`;
  throw new MlError(
    'DATA',
    `There is no number in the payload: ${came}. Expected fields with numbers, numeric text, true or false.`,
  );
}

/** A whole topic names a device, but not the verb in the topics of Sparkplug: births and data are of one device. */
function deviceOfTopic(topic: string): string | undefined {
  return nameText(topic.replace(/^spBv1\.0\/([^/]+)\/[ND](?:BIRTH|DATA|DEATH)\//, '$1/'));
}

function messageDevice(device: unknown): string | undefined {
  if (device === undefined || device === null || device === '') return undefined;
  const name = nameText(device);
  if (name !== undefined || typeof device === 'string') return name;
  throw new MlError('DATA', `The device must be text, got ${show(device)}. Check the device setting of the node.`);
}

function checkDevice(device: string): string {
  if (device.length > MAX_DEVICE_LENGTH) {
    const length = `${device.length} characters`;
    throw new MlError(
      'LIMIT',
      `A device's name may have ${MAX_DEVICE_LENGTH} characters, ${show(device)} has ${length}.`,
    );
  }
  if (device !== SHARED_DEVICE) return device;
  throw new MlError('DATA', `"${SHARED_DEVICE}" cannot be the name of a device: it stands for all devices.`);
}

/**
 * A tag's values under its name: `value` is the tag itself, anything else lies below it.
 * @throws MlError `LIMIT` for a name that is too long
 */
function named(values: ReadonlyMap<string, number>, field: string): ReadonlyMap<string, number> {
  const own = values.get('value');
  const fields =
    own === undefined
      ? [...values].map(([name, value]) => [`${field}.${name}`, value] as const)
      : [[field, own] as const];
  for (const [name] of fields) checkFieldLength(name);
  return new Map(fields);
}

function wholeReading({ device, timestampMs, values, label }: PartialReading, { numbers }: RawReading): Reading {
  const present = numbers === values.size ? values : new Map([...values].filter(([, value]) => !Number.isNaN(value)));
  return label === undefined
    ? { device, timestampMs, values: present }
    : { device, timestampMs, values: present, label };
}

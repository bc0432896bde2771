import { MlError, show } from '../core/errors';

const BLOCK_MS = 15 * 60_000;
const MAX_BLOCKS = 20_000;
const MAX_ZONES = 100;

/** Milliseconds to add to UTC to get the local time at an instant. */
export type ZoneOffset = (timestampMs: number) => number;

const zones = new Map<string, ZoneOffset>();

/**
 * The offset of a time zone, as a function of time. `Intl` takes microseconds for each answer, so that one is kept for
 * each quarter of an hour: no zone in use changes its clocks within one.
 * @param timeZone - IANA name, such as `Europe/Berlin`
 * @throws MlError `PARAMETER` for a zone that does not exist
 */
export function zoneOffset(timeZone: string): ZoneOffset {
  const known = zones.get(timeZone);
  if (known) return known;
  const made = makeOffset(timeZone);
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(timeZone, made);
  return made;
}

function makeOffset(timeZone: string): ZoneOffset {
  const format = formatOf(timeZone);
  const offsets = new Map<number, number>();
  let lastBlock = NaN;
  let lastOffset = 0;
  return (timestampMs) => {
    const block = Math.floor(timestampMs / BLOCK_MS);
    if (block === lastBlock) return lastOffset;
    let offset = offsets.get(block);
    if (offset === undefined) {
      if (offsets.size >= MAX_BLOCKS) offsets.clear();
      offset = ask(format, Math.max(block * BLOCK_MS, -8.64e15));
      offsets.set(block, offset);
    }
    lastBlock = block;
    lastOffset = offset;
    return offset;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch (cause) {
    const message = `There is no time zone ${show(timeZone)}; give an IANA name, such as "Europe/Berlin" or "UTC".`;
    throw new MlError('PARAMETER', message, { cause });
  }
}

/** Reads `GMT`, `GMT+05:30` or `GMT-00:44:30`. */
function ask(format: Intl.DateTimeFormat, timestampMs: number): number {
  const name = format.formatToParts(timestampMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /GMT(.)(\d+):(\d+)(?::(\d+))?/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds] = match;
  const size = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0);
  return (sign === '+' ? size : -size) * 1000;
}

import { randomUUID } from 'node:crypto';

let latestMs = -1;
let prefix = '';

/**
 * A UUID of version 7 (RFC 9562): those made later sort later, so that an index grows at its end.
 * @param nowMs - epoch ms
 */
export function rowId(nowMs: number): string {
  if (nowMs !== latestMs) {
    const time = Math.floor(nowMs).toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
    latestMs = nowMs;
  }
  // What follows the version in a random one is random, but for the variant, which is the same.
  return prefix + randomUUID().slice(15);
}

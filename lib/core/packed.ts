/**
 * Numbers as base64 text of their little-endian bytes: keeps every bit, NaN and the infinities included, in a bit more
 * than half of what their digits would take.
 */
export function packNumbers(values: Float64Array): string {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => bytes.writeDoubleLE(value, i * 8));
  return bytes.toString('base64');
}

/** The numbers that `packNumbers` made the text of; null for a text that it did not make. */
export function unpackNumbers(text: unknown): Float64Array | null {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 8 !== 0 || text.length !== Math.ceil(bytes.length / 3) * 4) return null;
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
}

/** The same in half the room, for numbers of which seven digits are kept. */
export function packFloats(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}

/** The numbers that `packFloats` made the text of; null for a text that it did not make of so many. */
export function unpackFloats(text: unknown, length: number): Float32Array | null {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== length * 4 || text.length !== Math.ceil(bytes.length / 3) * 4) return null;
  return Float32Array.from({ length }, (_, i) => bytes.readFloatLE(i * 4));
}

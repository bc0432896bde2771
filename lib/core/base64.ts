/** Numbers as text: 8 bytes each, little-endian, in base64. The same bits come back. */
export function toBase64(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

/** Whatever the text may be: what of it is no base64, or makes no whole number, is left out. */
export function fromBase64(text: string): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float64Array(bytes.buffer, 0, Math.floor(bytes.length / 8));
}

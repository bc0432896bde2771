/**
 * Autocorrelations at the lags 0 … `longest`, by two fast Fourier transforms (Wiener and Khinchin); each is the mean
 * over the pairs there are, in units of the variance. O(n log n).
 * @param values - at least `longest` + 1
 * @returns `longest` + 1 numbers, the first 1; all 0 where the values do not vary
 */
export function autocorrelations(values: Float64Array, longest: number): Float64Array {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  // Zeros behind the values keep the end from meeting the beginning.
  const size = 2 ** Math.ceil(Math.log2(length + longest + 1));
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let i = 0; i < length; i++) real[i] = values[i]! - mean;
  fourierTransform(real, imaginary);
  for (let i = 0; i < size; i++) {
    real[i] = real[i]! ** 2 + imaginary[i]! ** 2;
    imaginary[i] = 0;
  }
  // The power spectrum is real and even, so that its transform is, but for the factor, its inverse transform.
  fourierTransform(real, imaginary);
  const variance = real[0]! / length;
  return Float64Array.from({ length: longest + 1 }, (_, lag) =>
    variance > 0 ? real[lag]! / (length - lag) / variance : 0,
  );
}

/**
 * Discrete Fourier transform in place, by Cooley's and Tukey's radix-2 algorithm (1965).
 * @param real - as many numbers as some power of two
 * @param imaginary - as many
 */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const { length } = real;
  reverseBits(real);
  reverseBits(imaginary);
  for (let span = 1; span < length; span *= 2) {
    for (let k = 0; k < span; k++) {
      const angle = (-Math.PI * k) / span;
      const cosine = Math.cos(angle);
      const sine = Math.sin(angle);
      for (let low = k; low < length; low += 2 * span) {
        const high = low + span;
        const re = real[high]! * cosine - imaginary[high]! * sine;
        const im = real[high]! * sine + imaginary[high]! * cosine;
        real[high] = real[low]! - re;
        imaginary[high] = imaginary[low]! - im;
        real[low]! += re;
        imaginary[low]! += im;
      }
    }
  }
}

/** Puts each number where its index, read backwards in binary, points. */
function reverseBits(values: Float64Array): void {
  const { length } = values;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) [values[i], values[j]] = [values[j]!, values[i]!];
  }
}

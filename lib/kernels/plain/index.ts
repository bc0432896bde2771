import type { Kernels } from '../kernels';
import { cellKernels } from './cells';
import { elementwiseKernels } from './elementwise';
import { forestKernels } from './forest';
import { matrixKernels } from './matrix';

/** The twin of the SIMD kernels: used where SIMD is missing, and as the oracle in tests. */
export function plainKernels(floats: Float32Array): Kernels {
  return { ...matrixKernels(floats), ...cellKernels(floats), ...elementwiseKernels(floats), ...forestKernels(floats) };
}

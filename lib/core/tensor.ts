/** A typed array with a shape, row-major: what fitted models are made of. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A tensor over `data` (not copied), by default with one dimension. */
export function tensor(data: TensorData, shape: readonly number[] = [data.length]): Tensor {
  return { shape, data };
}

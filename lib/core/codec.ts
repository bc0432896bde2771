import type { Artifact } from './artifact';
import { storedArtifact, type StoredTensor } from './artifact-shape';
import { MlError, show } from './errors';
import type { JsonObject } from './json';
import { seal, unseal, type SealedFormat } from './sealed';
import type { Tensor, TensorData } from './tensor';

const FORMAT: SealedFormat = { format: 'flowsight-ml-model', version: 1, what: 'model' };

const DTYPES = new Map<string, new (buffer: ArrayBuffer) => TensorData>([
  ['float64', Float64Array],
  ['float32', Float32Array],
  ['int32', Int32Array],
  ['uint32', Uint32Array],
  ['uint16', Uint16Array],
  ['uint8', Uint8Array],
]);

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * An artifact as one JSON text: format, format version, SHA-256 of the body, body; tensors as little-endian bytes in
 * base64. Equal artifacts give equal texts.
 *
 * Tensors keep every bit. Numbers outside tensors must be finite, and −0 becomes 0, since JSON has no words for them.
 * @throws MlError `ARTIFACT` for what cannot be stored, `LIMIT` for a model that is too large
 */
export function encodeArtifact(artifact: Artifact): string {
  const tensors = Object.fromEntries(
    Object.entries(artifact.state.tensors).map(([name, tensor]) => [
      name,
      storeTensor(`state.tensors.${name}`, tensor),
    ]),
  );
  const body = { ...artifact, state: { scalars: artifact.state.scalars, tensors } };
  storedArtifact(body, 'model');
  return seal(FORMAT, body as unknown as JsonObject);
}

/**
 * The artifact that `encodeArtifact` made the text of. Sizes are checked before memory is taken for them, nothing in
 * the text is run, and every member has the type that `Artifact` says.
 * @throws MlError `ARTIFACT` where it is damaged, of another kind or written by a newer package; `LIMIT` where too large
 */
export function decodeArtifact(text: string): Artifact {
  const { body } = unseal(FORMAT, text);
  storedArtifact(body, 'model');
  const artifact = body as unknown as Artifact;
  const stored = artifact.state.tensors as unknown as Readonly<Record<string, StoredTensor>>;
  const tensors = Object.fromEntries(
    Object.entries(stored).map(([name, tensor]) => [name, loadTensor(`model.state.tensors.${name}`, tensor)]),
  );
  return { ...artifact, state: { scalars: artifact.state.scalars, tensors } };
}

function storeTensor(path: string, { shape, data }: Tensor): StoredTensor {
  const dtype = [...DTYPES].find(([, type]) => data instanceof type)?.[0];
  if (dtype === undefined) throw new MlError('ARTIFACT', `${path} is ${show(data)}: tensors must be typed arrays.`);
  if (elementsOf(shape) !== data.length) {
    throw new MlError(
      'ARTIFACT',
      `${path} has ${data.length} numbers, its shape [${shape.join(', ')}] says otherwise.`,
    );
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, data: inLittleEndian(bytes, data.BYTES_PER_ELEMENT).toString('base64') };
}

function loadTensor(path: string, { dtype, shape, data }: StoredTensor): Tensor {
  const type = DTYPES.get(dtype);
  if (type === undefined) {
    const known = [...DTYPES.keys()].join(', ');
    throw new MlError('ARTIFACT', `${path}.dtype must be one of ${known}, got ${show(dtype)}.`);
  }
  const width = (type as unknown as typeof Uint8Array).BYTES_PER_ELEMENT;
  const byteLength = elementsOf(shape) * width;
  // Checked before a byte is decoded: a shape alone must not be able to ask for memory.
  if (data.length !== Math.ceil(byteLength / 3) * 4) {
    throw new MlError('ARTIFACT', `${path} does not fit its shape [${shape.join(', ')}] of ${dtype}.`);
  }
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length !== byteLength) throw new MlError('ARTIFACT', `${path} is not valid base64 text.`);
  const whole = new Uint8Array(byteLength);
  whole.set(inLittleEndian(bytes, width));
  return { shape, data: new type(whole.buffer) };
}

/** Product of a shape's sizes; sizes are whole numbers of at least 0, and a product that is too large fits no data. */
function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The bytes as they are on little-endian machines; a copy with each element turned round on the others. */
function inLittleEndian(bytes: Buffer, width: number): Buffer {
  if (HOST_IS_LITTLE_ENDIAN || width === 1) return bytes;
  const copy = Buffer.from(bytes);
  return width === 2 ? copy.swap16() : width === 4 ? copy.swap32() : copy.swap64();
}

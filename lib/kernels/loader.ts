import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlError } from '../core/errors';
import type { Kernels } from './kernels';
import { plainKernels } from './plain';

const PAGE_BYTES = 65_536;
/** The module's own data lies below this address. */
const FIRST_FREE = 1_024;
/** What the module was compiled for: 1 GiB. */
const MAX_PAGES = 16_384;

/** What one thread hands to another so that both work on the same numbers. */
export type SharedMemory = WebAssembly.Memory | SharedArrayBuffer;

let compiled: WebAssembly.Module | null | undefined;

/** The SIMD module, compiled once a thread; null where this platform has no SIMD or no shared memory. */
function simdModule(): WebAssembly.Module | null {
  if (compiled === undefined) {
    const bytes = readFileSync(join(__dirname, 'kernels.wasm'));
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled;
}

function simdKernels(memory: WebAssembly.Memory): Kernels {
  const module = simdModule();
  if (module === null) throw new MlError('WORKER', 'This platform cannot run the SIMD kernels.');
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/** True where the SIMD kernels run; else the plain ones do the work. */
export function hasSimd(): boolean {
  return simdModule() !== null;
}

/** Gives out parts of a memory, one behind the other: whoever allocates the same in the same order gets the same addresses. */
export class Allocator {
  #next = FIRST_FREE;

  /** Bytes given out, those that no one may use included. */
  get bytes(): number {
    return this.#next;
  }

  /** Forgets what was given out; what it holds stays. */
  rewind(): void {
    this.#next = FIRST_FREE;
  }

  /** The address of `count` floats, on a cache line of its own. */
  allocate(count: number): number {
    const address = Math.ceil(this.#next / 128) * 128;
    this.#next = address + 4 * count;
    return address;
  }
}

/** One memory, fresh ones all zeros, and the kernels on it. */
export class Workspace extends Allocator {
  readonly kernels: Kernels;
  readonly floats: Float32Array;
  readonly ints: Int32Array;

  private constructor(readonly memory: SharedMemory) {
    super();
    const buffer = memory instanceof SharedArrayBuffer ? memory : memory.buffer;
    this.floats = new Float32Array(buffer);
    this.ints = new Int32Array(buffer);
    this.kernels = memory instanceof SharedArrayBuffer ? plainKernels(this.floats) : simdKernels(memory);
  }

  /**
   * A new memory with room for `bytes`; it never grows, so what a job needs is known, and can be refused, beforehand.
   * @param plain - take the plain kernels even where SIMD is there
   * @throws MlError `LIMIT` beyond 1 GiB
   */
  static create(bytes: number, plain = false): Workspace {
    const pages = Math.ceil((FIRST_FREE + bytes) / PAGE_BYTES);
    if (pages > MAX_PAGES) {
      const megabytes = Math.ceil(bytes / 2 ** 20);
      throw new MlError(
        'LIMIT',
        `This network needs ${megabytes} MB to train, more than the 1024 MB allowed; use fewer units, a shorter window or a smaller batch.`,
      );
    }
    return plain || !hasSimd()
      ? new Workspace(new SharedArrayBuffer(pages * PAGE_BYTES))
      : new Workspace(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
  }

  /** The workspace of another thread, seen from this one. */
  static attach(memory: SharedMemory): Workspace {
    return new Workspace(memory);
  }

  /** True where the SIMD kernels do the work. */
  get simd(): boolean {
    return !(this.memory instanceof SharedArrayBuffer);
  }

  /** @throws MlError `LIMIT` when the memory is full */
  override allocate(count: number): number {
    const address = super.allocate(count);
    if (this.bytes > this.floats.byteLength) {
      throw new MlError('LIMIT', `The workspace of ${this.floats.byteLength} bytes is full.`);
    }
    return address;
  }

  /** `count` floats from `address` on, sharing memory. */
  view(address: number, count: number): Float32Array {
    return this.floats.subarray(address / 4, address / 4 + count);
  }
}

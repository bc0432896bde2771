import type { ModelState } from './algorithm';
import { MlError } from './errors';
import type { Json, JsonObject } from './json';
import type { TensorData } from './tensor';

/** Reads a stored state: whatever a file may hold, what comes out has the type and the size that was asked for. */
export class StateReader {
  constructor(
    private readonly id: string,
    private readonly state: ModelState,
  ) {}

  /** The features' names, at least one. */
  features(): readonly string[] {
    const names = this.state.scalars.features;
    const areNames = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
    return areNames ? names : this.fail('features', 'a list of names');
  }

  integer(name: string, min: number, max: number): number {
    const value = Object.hasOwn(this.state.scalars, name) ? this.state.scalars[name] : undefined;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    return fits ? value : this.fail(name, `an integer from ${min} to ${max}`);
  }

  /** A list of integers. */
  integers(name: string, min: number, max: number): readonly number[] {
    const value = Object.hasOwn(this.state.scalars, name) ? this.state.scalars[name] : undefined;
    const isOne = (each: Json): each is number => Number.isInteger(each) && Number(each) >= min && Number(each) <= max;
    const fits = Array.isArray(value) && value.every(isOne);
    return fits ? value : this.fail(name, `a list of integers from ${min} to ${max}`);
  }

  choice<T extends string>(name: string, options: readonly T[]): T {
    const value = Object.hasOwn(this.state.scalars, name) ? this.state.scalars[name] : undefined;
    return options.find((option) => option === value) ?? this.fail(name, `one of ${options.join(', ')}`);
  }

  /** A list of objects, for whoever reads them to check. */
  objects(name: string, length: number): readonly JsonObject[] {
    const value = Object.hasOwn(this.state.scalars, name) ? this.state.scalars[name] : undefined;
    const fits = Array.isArray(value) && value.length === length && value.every(isObject);
    return fits ? value : this.fail(name, `a list of ${length} objects`);
  }

  /**
   * @param type - such as `Float64Array`
   * @param length - how many elements it must have
   * @param accepts - what must hold for each element, by default that it is finite
   */
  tensor<T extends TensorData>(
    name: string,
    type: new (length: number) => T,
    length: number,
    accepts: (value: number) => boolean = Number.isFinite,
  ): T {
    const data = Object.hasOwn(this.state.tensors, name) ? this.state.tensors[name]!.data : undefined;
    if (!(data instanceof type) || data.length !== length) {
      return this.fail(name, `a ${type.name} of ${length} elements`);
    }
    for (let i = 0; i < length; i++) if (!accepts(data[i]!)) return this.fail(name, 'within its range everywhere');
    return data;
  }

  /** @throws MlError `ARTIFACT` saying what the named part should be */
  fail(name: string, expected: string): never {
    throw new MlError('ARTIFACT', `The stored ${this.id} model is damaged: ${name} should be ${expected}.`);
  }
}

/**
 * Refuses a state that an algorithm cannot read.
 * @param newest - version of the state that the algorithm makes now
 * @throws MlError `ARTIFACT`
 */
export function checkStateVersion(id: string, newest: number, stateVersion: number): void {
  if (Number.isInteger(stateVersion) && stateVersion >= 1 && stateVersion <= newest) return;
  throw new MlError(
    'ARTIFACT',
    `This ${id} model has state version ${stateVersion}, this package reads 1 to ${newest}: update the package.`,
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

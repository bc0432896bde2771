import { MlError, show } from './errors';

/** One parameter of an algorithm, as data: validation, its messages, the editor's form row and the docs come from it. */
export type ParamSpec =
  | {
      readonly type: 'int' | 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly unit?: string;
      readonly doc: string;
    }
  | { readonly type: 'choice'; readonly default: string; readonly options: readonly string[]; readonly doc: string }
  | { readonly type: 'boolean'; readonly default: boolean; readonly doc: string };

export type ParamSpecs = Readonly<Record<string, ParamSpec>>;
export type ParamValue = number | string | boolean;
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** The checked values of a set of parameters. */
export type ParamsOf<P extends ParamSpecs> = {
  readonly [K in keyof P]: P[K]['type'] extends 'int' | 'number'
    ? number
    : P[K]['type'] extends 'boolean'
      ? boolean
      : string;
};

/** What a value must be, as words: "an integer from 1 to 1000". */
export function requirementOf(spec: ParamSpec): string {
  switch (spec.type) {
    case 'int':
      return `an integer from ${spec.min} to ${spec.max}`;
    case 'number':
      return `a number from ${spec.min} to ${spec.max}`;
    case 'choice':
      return `one of ${spec.options.map((option) => `"${option}"`).join(', ')}`;
    case 'boolean':
      return 'true or false';
  }
}

function accepts(spec: ParamSpec, value: unknown): value is ParamValue {
  switch (spec.type) {
    case 'int':
      return Number.isInteger(value) && (value as number) >= spec.min && (value as number) <= spec.max;
    case 'number':
      return typeof value === 'number' && value >= spec.min && value <= spec.max;
    case 'choice':
      return typeof value === 'string' && spec.options.includes(value);
    case 'boolean':
      return typeof value === 'boolean';
  }
}

/**
 * Checks `given` against `specs` and fills in the defaults.
 * @param owner - who has the parameters, for the message: "isolation-forest: trees must be …"
 * @throws MlError `PARAMETER` for an unknown name or a value outside its range
 */
export function checkParams<P extends ParamSpecs>(
  owner: string,
  specs: P,
  given: Readonly<Record<string, unknown>> = {},
): ParamsOf<P> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) {
    const names = Object.keys(specs).join(', ') || 'none';
    throw new MlError('PARAMETER', `${owner} has no parameter ${show(unknown)}; its parameters are: ${names}.`);
  }
  const values: Record<string, ParamValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = given[name] ?? spec.default;
    if (!accepts(spec, value)) {
      throw new MlError('PARAMETER', `${owner}: ${name} must be ${requirementOf(spec)}, got ${show(value)}.`);
    }
    values[name] = value;
  }
  return values as ParamsOf<P>;
}

/** Values that `checkParams` must refuse, derived from the specification; the contract tests throw them at every algorithm. */
export function invalidValues(spec: ParamSpec): readonly unknown[] {
  const wrongTypes = ['not a value', {}, []];
  switch (spec.type) {
    case 'int':
      return [...wrongTypes, spec.min - 1, spec.max + 1, spec.min + 0.5, NaN, Infinity, true];
    case 'number':
      return [...wrongTypes, spec.min - 1, spec.max + 1, NaN, Infinity, true];
    case 'choice':
      return [...wrongTypes, 1, true];
    case 'boolean':
      return [...wrongTypes, 0, 1];
  }
}

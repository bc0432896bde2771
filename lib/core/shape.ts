import { MlError, show } from './errors';
import type { JsonObject } from './json';

/**
 * What data from a file must look like, as data. Members that a shape does not name are let through: a later version
 * of the package may have added them.
 * @param path - where in the file the value stands, for the message
 * @throws MlError `ARTIFACT` naming the path, what was expected and what came
 */
export type Shape = (value: unknown, path: string) => void;

/** Longest text that `text()` lets through. */
export const MAX_TEXT = 10_000;
/** Most entries that `list` and `record` let through. */
export const MAX_ENTRIES = 100_000;

function refuse(path: string, expected: string, value: unknown): never {
  const got = value === undefined ? 'nothing' : show(value);
  throw new MlError('ARTIFACT', `${path} must be ${expected}, got ${got}.`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(minLength = 0, maxLength = MAX_TEXT): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || value.length < minLength || value.length > maxLength) {
      refuse(path, `text of ${minLength} to ${maxLength} characters`, value);
    }
  };
}

export function number(min = -Infinity, max = Infinity): Shape {
  const range = min === -Infinity ? '' : max === Infinity ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
      refuse(path, `a number${range}`, value);
    }
  };
}

export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      refuse(path, min === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number of at least ${min}`, value);
    }
  };
}

/** A time as text, such as `2026-05-04T12:00:00.000Z`. */
export const time: Shape = (value, path) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) refuse(path, 'a time', value);
};

export const boolean: Shape = (value, path) => {
  if (typeof value !== 'boolean') refuse(path, 'true or false', value);
};

export function oneOf(...options: readonly string[]): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || !options.includes(value)) {
      refuse(path, options.map((option) => `"${option}"`).join(' or '), value);
    }
  };
}

/** Passes where any of the shapes does. */
export function either(expected: string, ...shapes: readonly Shape[]): Shape {
  return (value, path) => {
    const passes = shapes.some((shape) => {
      try {
        shape(value, path);
        return true;
      } catch {
        return false;
      }
    });
    if (!passes) refuse(path, expected, value);
  };
}

export const nothing: Shape = (value, path) => {
  if (value !== null) refuse(path, 'null', value);
};

/** For a member that may be absent. */
export function optional(shape: Shape): Shape {
  return (value, path) => {
    if (value !== undefined) shape(value, path);
  };
}

export function list(item: Shape, maxLength = MAX_ENTRIES): Shape {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > maxLength) refuse(path, `a list of at most ${maxLength}`, value);
    else value.forEach((entry, i) => item(entry, `${path}[${i}]`));
  };
}

/** An object with names from outside as keys. */
export function record(item: Shape, maxEntries = MAX_ENTRIES): Shape {
  return (value, path) => {
    const names = isObject(value) ? Object.keys(value) : refuse(path, 'an object', value);
    if (names.length > maxEntries) refuse(path, `an object of at most ${maxEntries} members`, value);
    for (const name of names) item((value as JsonObject)[name], `${path}.${name}`);
  };
}

/** An object with the members of `T`: one that is added to the type and forgotten here fails the build. */
export function object<T>(members: Readonly<Record<keyof T, Shape>>): Shape {
  return (value, path) => {
    if (!isObject(value)) refuse(path, 'an object', value);
    for (const [name, shape] of Object.entries<Shape>(members)) {
      shape(Object.hasOwn(value, name) ? value[name] : undefined, `${path}.${name}`);
    }
  };
}

/** An object whose member `tag` says which of the shapes it has. */
export function variants(tag: string, shapes: Readonly<Record<string, Shape>>): Shape {
  const tagged = object({ [tag]: oneOf(...Object.keys(shapes)) });
  return (value, path) => {
    tagged(value, path);
    shapes[(value as Record<string, string>)[tag]!]!(value, path);
  };
}

import { MlError, show } from '../../lib/core/errors';
import { checkParams, type ParamSpecs, type ParamsOf } from '../../lib/core/params';
import { COMPARISONS, type Condition } from '../../lib/core/pipeline';
import type { ConditionConfig } from './config';

const MAX_DURATION_MS = 3_653 * 86_400_000;

type Numeric = Extract<ParamSpecs[string], { type: 'int' | 'number' }>;

/** The number in a form's text; undefined where it is blank, other text as it is, for the check to refuse. */
function valueOf(text: unknown): unknown {
  if (text === null || (typeof text === 'string' && text.trim() === '')) return undefined;
  return typeof text === 'string' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Reads a form's numbers, which are text in the configuration; blank and missing ones get their default.
 * @param owner - who has the settings, for the message: "ml-detect: raiseAfter must be …"
 * @throws MlError `PARAMETER` naming the setting, its range and what it is
 */
export function numberSettings<P extends ParamSpecs>(owner: string, specs: P, config: object): ParamsOf<P> {
  const given = new Map(Object.entries(config));
  const values = Object.keys(specs).map((name) => [name, valueOf(given.get(name))] as const);
  return checkParams(owner, specs, Object.fromEntries(values));
}

/**
 * Reads one number that may be left blank: undefined then.
 * @throws MlError `PARAMETER`, as `numberSettings`
 */
export function optionalNumber(owner: string, name: string, spec: Numeric, text: unknown): number | undefined {
  if (valueOf(text) === undefined) return undefined;
  return numberSettings(owner, { [name]: spec }, { [name]: text })[name]!;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * The ms in text such as `24 h`, `90 min`, `1.5 d`; undefined where it is blank.
 * @throws MlError `PARAMETER`, as `numberSettings`
 */
export function durationSetting(owner: string, name: string, text: unknown): number | undefined {
  if (valueOf(text) === undefined) return undefined;
  const [, number = '', unit = ''] = /^\s*([\d.]+)\s*([a-z]+)\s*$/i.exec(typeof text === 'string' ? text : '') ?? [];
  const durationMs = Number(number || NaN) * (UNITS_MS[unit.toLowerCase()] ?? NaN);
  if (durationMs > 0 && durationMs <= MAX_DURATION_MS) return durationMs;
  const units = Object.keys(UNITS_MS).join(', ');
  throw new MlError(
    'PARAMETER',
    `${owner}: ${name} must be a time such as "24 h" (units: ${units}) of at most 10 years, got ${show(text)}.`,
  );
}

/** The names in comma-separated text, each once, in order. */
export function listSetting(text: unknown): readonly string[] {
  if (typeof text !== 'string') return [];
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

/**
 * "Judge only when"; undefined where the form's field is blank.
 * @throws MlError `PARAMETER` for a value that is no number or a comparison that does not exist
 */
export function conditionSetting(owner: string, config: Partial<ConditionConfig>): Condition | undefined {
  const field = (config.conditionField ?? '').trim();
  if (field === '') return undefined;
  const comparison = config.conditionComparison ?? '>';
  if (!COMPARISONS.includes(comparison)) {
    const known = COMPARISONS.join(' ');
    throw new MlError('PARAMETER', `${owner}: the comparison must be one of ${known}, got ${show(comparison)}.`);
  }
  const value = valueOf(config.conditionValue) ?? 0;
  if (typeof value === 'number') return { field, comparison, value };
  throw new MlError('PARAMETER', `${owner}: "judge only when ${field}" needs a number, got ${show(value)}.`);
}

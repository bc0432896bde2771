import { isBeyond, type BreachState, type Limit, type Prediction } from './breach-state';
import { predictedText, reachedText, withdrawnText } from './breach-text';
import type { BreachEvent } from './events';
import type { ModelReference } from '../core/events';

export interface BreachSettings {
  /** Probability from which a breach is expected … */
  readonly raise: number;
  /** … and below which it no longer is. */
  readonly withdraw: number;
  /** Forecasts running that must agree before a breach is predicted, and before it is withdrawn. */
  readonly raiseAfter: number;
  readonly withdrawAfter: number;
}

export const BREACH_DEFAULTS: BreachSettings = { raise: 0.5, withdraw: 0.25, raiseAfter: 2, withdrawAfter: 3 };

/** Nearer than this a predicted breach is critical: no time is left to plan … */
const CRITICAL_MS = 3_600_000;
/** … or nearer than this share of the horizon, where that is less: who looks ten minutes ahead counts in seconds. */
const CRITICAL_SHARE = 0.1;

/** Whose limit it is, for the events. */
export interface BreachSubject {
  readonly device: string;
  readonly field: string;
  readonly model: ModelReference;
}

/** What a forecast says of a limit. */
export interface Outlook {
  /** Time of the newest value that the forecast knows, epoch ms. */
  readonly nowMs: number;
  readonly stepMs: number;
  /** Probability that the value lies beyond the limit, 0…1, one a step ahead. */
  readonly probabilities: ArrayLike<number>;
}

export interface BreachStep {
  readonly state: BreachState;
  readonly event: BreachEvent | null;
}

/**
 * Takes one forecast into account. A breach is predicted when several forecasts running find it likely at some step, and
 * withdrawn when several running find it unlikely at every step; while one is open only its time is brought up to date.
 */
export function stepForecast(
  state: BreachState,
  limit: Limit,
  outlook: Outlook,
  subject: BreachSubject,
  settings: BreachSettings = BREACH_DEFAULTS,
): BreachStep {
  const probability = largest(outlook.probabilities);
  const now = isoTime(outlook.nowMs);
  return state.prediction === null
    ? awaitBreach(state, limit, outlook, { probability, now, subject, settings })
    : followBreach({ ...state, prediction: state.prediction }, limit, outlook, { probability, now, subject, settings });
}

/**
 * Takes one actual value into account: ends an open prediction where it lies beyond the limit. Beyond it nothing is
 * predicted; once back, only after several values within it.
 */
export function stepValue(
  state: BreachState,
  limit: Limit,
  value: { readonly timeMs: number; readonly value: number },
  subject: BreachSubject,
  settings: BreachSettings = BREACH_DEFAULTS,
): BreachStep {
  if (!isBeyond(limit, value.value)) {
    if (state.toReturn === 0) return { state, event: null };
    return { state: { ...state, toReturn: state.toReturn - 1 }, event: null };
  }
  const { prediction } = state;
  const outside: BreachState = { prediction: null, agreeing: 0, agreeingSince: null, toReturn: settings.withdrawAfter };
  if (prediction === null) return { state: outside, event: null };
  const at = isoTime(value.timeMs);
  const inMs = Math.max(0, value.timeMs - Date.parse(prediction.since));
  const text = reachedText(subject, limit, value.value, at, inMs);
  const ended = { severity: 'critical', at, inMs, probability: 1, until: at } as const;
  const event: BreachEvent = { type: 'breach-reached', text, ...details(prediction, limit, subject), ...ended };
  return { state: outside, event };
}

/** Ends an open prediction by hand, or because its limit is gone. */
export function endBreach(state: BreachState, limit: Limit, nowMs: number, subject: BreachSubject): BreachStep {
  const { prediction } = state;
  const ended: BreachState = { ...state, prediction: null, agreeing: 0, agreeingSince: null };
  if (prediction === null) return { state: ended, event: null };
  return { state: ended, event: withdrawn(prediction, limit, subject, isoTime(nowMs), prediction.probability) };
}

interface Now {
  readonly probability: number;
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly subject: BreachSubject;
  readonly settings: BreachSettings;
}

function awaitBreach(state: BreachState, limit: Limit, outlook: Outlook, known: Now): BreachStep {
  const { probability, now, subject, settings } = known;
  if (state.toReturn > 0 || !(probability >= settings.raise)) {
    return { state: { ...state, agreeing: 0, agreeingSince: null }, event: null };
  }
  const agreeing = state.agreeing + 1;
  const since = state.agreeingSince ?? now;
  if (agreeing < settings.raiseAfter) return { state: { ...state, agreeing, agreeingSince: since }, event: null };
  const at = likelyAt(outlook, settings.raise)!;
  const inMs = at - outlook.nowMs;
  const { device, field, model } = subject;
  const prediction: Prediction = {
    id: `${model.name}/${device}/${field}/${limit.direction}/${since}`,
    since,
    at: isoTime(at),
    probability,
    severity: inMs < criticalMs(outlook) ? 'critical' : 'warning',
  };
  const text = predictedText(subject, limit, prediction, now);
  const event: BreachEvent = { type: 'breach-predicted', text, ...details(prediction, limit, subject), inMs };
  return { state: { ...state, prediction, agreeing: 0, agreeingSince: null }, event };
}

function followBreach(
  state: BreachState & { readonly prediction: Prediction },
  limit: Limit,
  outlook: Outlook,
  { probability, now, subject, settings }: Now,
): BreachStep {
  const { prediction } = state;
  if (!(probability < settings.withdraw)) {
    const at = likelyAt(outlook, settings.raise);
    const newest: Prediction = { ...prediction, probability, ...(at !== null && { at: isoTime(at) }) };
    return { state: { ...state, prediction: newest, agreeing: 0, agreeingSince: null }, event: null };
  }
  const agreeing = state.agreeing + 1;
  const since = state.agreeingSince ?? now;
  if (agreeing < settings.withdrawAfter) return { state: { ...state, agreeing, agreeingSince: since }, event: null };
  return {
    state: { ...state, prediction: null, agreeing: 0, agreeingSince: null },
    event: withdrawn(prediction, limit, subject, since, probability),
  };
}

function withdrawn(
  prediction: Prediction,
  limit: Limit,
  subject: BreachSubject,
  until: string,
  probability: number,
): BreachEvent {
  const inMs = Math.max(0, Date.parse(prediction.at) - Date.parse(until));
  const text = withdrawnText(subject, limit, prediction, until);
  const ended = { severity: 'normal', inMs, probability, until } as const;
  return { type: 'breach-withdrawn', text, ...details(prediction, limit, subject), ...ended };
}

/** What follows an event's type and text, which stand first where a person looks at it. */
function details(
  { id, severity, since, at, probability }: Prediction,
  { value, direction }: Limit,
  { device, field, model }: BreachSubject,
): Omit<BreachEvent, 'type' | 'text' | 'inMs'> {
  return { id, device, model, severity, since, field, limit: value, direction, at, probability };
}

/** The time of the first step at which a breach is at least so likely, epoch ms; null: of none. */
function likelyAt({ nowMs, stepMs, probabilities }: Outlook, raise: number): number | null {
  for (let j = 0; j < probabilities.length; j++) if (probabilities[j]! >= raise) return nowMs + (j + 1) * stepMs;
  return null;
}

function criticalMs({ stepMs, probabilities }: Outlook): number {
  return Math.min(CRITICAL_MS, CRITICAL_SHARE * stepMs * probabilities.length);
}

/** That the limit is crossed at all is at least as likely as that it is at the likeliest step. */
function largest(probabilities: ArrayLike<number>): number {
  let most = 0;
  for (let j = 0; j < probabilities.length; j++) if (probabilities[j]! > most) most = probabilities[j]!;
  return most;
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

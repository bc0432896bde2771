import type { DetectorArtifact, ForecasterArtifact } from '#lib/core/artifact';

/** A small artifact with everything in it; what a test cares about is given in `changes`. */
export function makeArtifact(changes: Partial<DetectorArtifact> = {}): DetectorArtifact {
  const name = changes.name ?? 'pump-health';
  const device = changes.device ?? 'pump-07';
  return {
    kind: 'detector',
    version: 0,
    createdMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    algorithm: { id: 'mad', stateVersion: 1, params: { window: 30, kind: 'robust', bootstrap: false }, seed: 42 },
    pipeline: {
      fields: ['flow', 'motor.current'],
      derived: [{ name: 'load', operation: 'percent', part: 'motor.current', whole: 'flow' }],
      features: [
        { kind: 'value', field: 'flow' },
        { kind: 'window', field: 'flow', statistic: 'mean', rows: 5 },
        { kind: 'hour-of-day' },
      ],
      stepMs: 60_000,
      stepGiven: false,
      aggregation: 'mean',
      gapMs: 300_000,
      timeZone: 'Europe/Berlin',
      judgeWhen: { field: 'running', comparison: '>', value: 0 },
      medians: [12.5, 12.25, 0, 1],
    },
    calibration: {
      body: { raw: [0.1, 0.2, 0.4], p: [1, 0.5, 0.05] },
      tail: { start: 0.4, pStart: 0.05, scale: 0.05, shape: 0.1 },
      rows: 300,
      leftOut: 0,
      effectiveRows: 120,
    },
    state: {
      scalars: { center: [1, 2], nested: { spread: 0.1 } },
      tensors: {
        spread: { shape: [2, 2], data: Float64Array.of(1.5, -2.25, NaN, -0) },
        feature: { shape: [3], data: Uint16Array.of(1, 2, 65535) },
      },
    },
    card: {
      name,
      device,
      version: 0,
      algorithm: 'mad',
      params: { window: 30, kind: 'robust', bootstrap: false },
      features: ['flow', 'mean(flow, 5)', 'hour-of-day sin', 'hour-of-day cos'],
      rows: 1500,
      span: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' },
      stepMs: 60_000,
      seed: 42,
      durationMs: 12,
      metrics: { alarmRate: 0.001, auc: null },
      threshold: 0.7,
      warnings: [],
      active: false,
      activeReason: 'Not stored yet.',
    },
    ...changes,
    name,
    device,
  };
}

/** The same of a forecaster. */
export function makeForecaster(changes: Partial<ForecasterArtifact> = {}): ForecasterArtifact {
  const name = changes.name ?? 'tank-level';
  const device = changes.device ?? 'pump-07';
  const { card, createdMs } = makeArtifact();
  return {
    kind: 'forecaster',
    version: 0,
    createdMs,
    algorithm: { id: 'seasonal-naive', stateVersion: 1, params: { season: 'longest' }, seed: 42 },
    series: {
      field: 'level',
      others: ['motor.current'],
      derived: [{ name: 'level', operation: 'difference', minuend: 'height', subtrahend: 'offset' }],
      stepMs: 60_000,
      aggregation: 'mean',
      fillMs: 600_000,
      timeZone: 'Europe/Berlin',
      judgeWhen: { field: 'running', comparison: '>', value: 0 },
    },
    state: {
      scalars: { period: 1440 },
      tensors: { history: { shape: [3], data: Float64Array.of(1.5, -2.25, 3) } },
    },
    card: {
      name,
      device,
      version: 0,
      algorithm: 'seasonal-naive',
      params: { season: 'longest' },
      features: ['level', 'motor.current'],
      rows: card.rows,
      span: card.span,
      stepMs: 60_000,
      seed: 42,
      durationMs: 12,
      metrics: { mase: 0.8, smape: null },
      warnings: ['3 gaps were filled.'],
      active: false,
      activeReason: 'Not stored yet.',
      field: 'level',
      horizon: 1440,
      periodsMs: [86_400_000],
      candidates: [
        { algorithm: 'seasonal-naive', variant: '', mase: 1, smape: 12.5, seconds: null, weight: 1 },
        {
          algorithm: 'ridge',
          variant: 'on the log scale',
          mase: 0,
          smape: 0,
          seconds: 0.25,
          weight: 0,
          note: 'Not tried: out of time.',
        },
      ],
    },
    ...changes,
    name,
    device,
  };
}

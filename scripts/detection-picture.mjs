// Draws docs/pictures/detection.svg from a real run: auto trained on three days of a synthetic pump, then a bearing that
// wears. Left: how held-out raw scores became probabilities. Right: vibration, raw score and score while the fault grows.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { FeatureStream, profiles, SyntheticDevice, train } = require('../dist/lib/index.js');
const { probability } = require('../dist/lib/detection/calibration.js');
const { TrainedJudge } = require('../dist/lib/detection/judge.js');
const { Scorer } = require('../dist/lib/detection/scorer.js');
const { mahalanobis } = require('../dist/lib/detectors/mahalanobis.js');
const { fitPipeline } = require('../dist/lib/readings/fit-pipeline.js');
const { lookbackOf } = require('../dist/lib/readings/lookback.js');
const { fitWithHeldOutScores } = require('../dist/lib/training/held-out-scores.js');
const { splitRows } = require('../dist/lib/training/split.js');

const STEP_MS = 60_000;
const TRAINED = 3 * 1440;
const START_MS = Date.UTC(2026, 4, 4);
const pump = profiles.find(({ id }) => id === 'pump-station');
const device = new SyntheticDevice(pump, 'pump-01', 1);
const readings = Array.from({ length: TRAINED }, (_, i) => device.next(START_MS + i * STEP_MS));
const fields = pump.fields.map(({ name }) => name);
const table = () => ({
  device: 'pump-01',
  fields,
  timestampsMs: Float64Array.from(readings, ({ timestampMs }) => timestampMs),
  data: Float64Array.from(readings.flatMap(({ values }) => fields.map((field) => values.get(field)))),
});
const artifact = await train({
  name: 'pump',
  device: 'pump-01',
  algorithm: 'auto',
  params: {},
  pipeline: {},
  threshold: { by: 'score', value: 0.7 },
  minRows: 100,
  seed: 1,
  task: 'detection',
  learnAlarms: false,
  tables: [table()],
});

const { calibration, pipeline } = artifact;
const { x, pasts } = fitPipeline([table()], {
  features: [45, 15, 5].map((window) => ({ field: '', window, mean: true, deviation: true, lags: [] })),
});
const lookback = lookbackOf(pipeline);
const full = [...pasts.keys()].filter((row) => pasts[row] > lookback);
const split = splitRows([full], lookback, mahalanobis.traits);
const { rawScores } = await fitWithHeldOutScores(mahalanobis, {}, x, split, { seed: 1 });
const heldOut = [...rawScores.sort()];

const scorer = new Scorer({ artifact, threshold: null }, { criticalScore: 0.79, contributions: 1 });
const judge = new TrainedJudge(scorer, new FeatureStream(pipeline));
for (const reading of readings) judge.judge(reading);
const live = [];
for (let i = 0; i < 480; i++) {
  if (i === 90) device.inject('bearing-wear', { durationMs: 300 * STEP_MS });
  const reading = device.next(START_MS + (TRAINED + i) * STEP_MS);
  live.push({ ...judge.judge(reading).anomaly, reading, faulty: reading.label !== 'normal' });
}

const parts = [];
const add = (text) => parts.push(text);
const SHADES = { normal: '#5b6770', warning: '#e08a00', critical: '#c62828' };

function text(x, y, words, { anchor = 'start', size = 11, fill = '#333' } = {}) {
  add(`<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${words}</text>`);
}

function dots(points, size, stroke) {
  const path = points.map(([x, y]) => `M${x} ${y}h0`).join('');
  add(`<path d="${path}" stroke="${stroke}" stroke-width="${size}" stroke-linecap="round"/>`);
}

/** A panel with its frame and title; gives the ways from data to the page. */
function panel({ x, y, width, height, title, from, to, low, high }) {
  add(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#fff" stroke="#99a"/>`);
  text(x, y - 7, title, { size: 12 });
  const px = (value) => (x + ((value - from) / (to - from)) * width).toFixed(1);
  const py = (value) => (y + height - ((value - low) / (high - low)) * height).toFixed(1);
  const level = (value, label, fill) => {
    add(
      `<line x1="${x}" x2="${x + width}" y1="${py(value)}" y2="${py(value)}" stroke="${fill}" stroke-dasharray="4 3"/>`,
    );
    text(x - 5, Number(py(value)) + 4, label, { anchor: 'end', fill });
  };
  return { px, py, level };
}

function drawCalibration() {
  const to = 2;
  const { px, py, level } = panel({
    ...{ x: 60, y: 40, width: 290, height: 400, from: 0.5, to, low: -6, high: 0 },
    title: `Calibration: ${calibration.rows} held-out readings`,
  });
  for (const [p, words] of [[0, '1'], [-1, '10 %'], [-2, '1 %'], [-4, '0.01 %']]) level(p, words, '#aab'); // prettier-ignore
  level(-3, '0.1 %', SHADES.warning);
  level(-5, '0.001 %', SHADES.critical);
  const shown = heldOut.map((raw, i) => [px(raw), py(Math.log10((heldOut.length - i) / heldOut.length))]);
  dots(shown.filter((_, i) => i % 8 === 0 || i > shown.length - 60), 4, '#7fb3d5'); // prettier-ignore
  const line = [];
  for (let raw = 0.5; raw <= to; raw += 0.01) {
    const p = Math.log10(probability(calibration, raw));
    if (p >= -6) line.push(`${px(raw)},${py(p)}`);
  }
  add(`<polyline points="${line.join(' ')}" fill="none" stroke="#1b4965" stroke-width="1.6"/>`);
  text(205, 470, 'raw score →', { anchor: 'middle' });
  for (const raw of [0.5, 1, 1.5, 2]) text(px(raw), 455, raw, { anchor: 'middle' });
  text(340, 60, 'dots: share that scored so high', { anchor: 'end', fill: '#4f86a8' });
  text(340, 76, 'line: p, with its tail', { anchor: 'end', fill: '#1b4965' });
}

function drawLive({ y, height, title, low, high, valueOf, levels }) {
  const { px, py, level } = panel({ x: 430, y, width: 430, height, from: 0, to: live.length, low, high, title });
  const first = live.findIndex(({ faulty }) => faulty);
  const last = live.findLastIndex(({ faulty }) => faulty);
  add(
    `<rect x="${px(first)}" y="${y}" width="${px(last) - px(first)}" height="${height}" fill="#c62828" opacity="0.07"/>`,
  );
  for (const [value, label, fill] of levels) level(value, label, fill);
  for (const [severity, shade] of Object.entries(SHADES)) {
    const points = live.map((verdict, i) => [px(i), py(Math.min(high, valueOf(verdict))), verdict.severity]);
    dots(points.filter(([, , severe]) => severe === severity), 2.6, shade); // prettier-ignore
  }
}

drawCalibration();
const vibrations = live.map(({ reading }) => reading.values.get('vibration'));
const highest = Math.ceil(Math.max(...vibrations));
drawLive({
  ...{ y: 40, height: 110, low: 0, high: highest, title: 'vibration (mm/s); shaded: a bearing wears' },
  valueOf: ({ reading }) => reading.values.get('vibration'),
  levels: [[0, '0', '#aab'], [highest, String(highest), '#aab']], // prettier-ignore
});
drawLive({
  ...{ y: 185, height: 110, low: -0.3, high: 2.3, title: 'raw score (logarithmic)' },
  valueOf: ({ rawScore }) => Math.log10(rawScore),
  levels: [[0, '1', '#aab'], [1, '10', '#aab'], [2, '100', '#aab']], // prettier-ignore
});
drawLive({
  ...{ y: 330, height: 110, low: 0, high: 1, title: 'score: grey normal, orange warning, red critical' },
  valueOf: ({ score }) => score,
  levels: [[0, '0', '#aab'], [0.7, '0.70', SHADES.warning], [0.79, '0.79', SHADES.critical], [1, '1', '#aab']], // prettier-ignore
});
text(645, 470, 'eight hours, one reading a minute →', { anchor: 'middle' });

writeFileSync(
  new URL('../docs/pictures/detection.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 485" width="880" height="485" font-family="sans-serif">
<rect width="880" height="485" fill="#fafafa"/>
${parts.join('\n')}
</svg>
`,
);

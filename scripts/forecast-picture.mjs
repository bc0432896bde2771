// Draws docs/pictures/forecast.svg from real runs on a synthetic server, auto trained on four weeks of it. Left: a day's
// processor load, forecast from the morning before, with its interval, and what came. Right: its memory leaks; from when
// on a breach of 80 % is predicted, and for when.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { profiles, SyntheticDevice, train } = require('../dist/lib/index.js');
const { BREACH_DEFAULTS, stepForecast, stepValue } = require('../dist/lib/forecasting/breach.js');
const { NO_BREACH } = require('../dist/lib/forecasting/breach-state.js');
const { unpackModel } = require('../dist/lib/forecasting/model-state.js');
const { Predictor } = require('../dist/lib/forecasting/predictor.js');

const STEP_MS = 300_000;
const DAY = 288;
const TRAINED = 28 * DAY;
const START_MS = Date.UTC(2026, 4, 4);
const DEVICE = 'server-01';
const LEVEL = 0.9;
const LIMIT = { value: 80, direction: 'above' };
const server = profiles.find(({ id }) => id === 'server');

/** A server's readings, and a predictor of one of its fields that was trained on the first four weeks. */
async function prepared(field, steps, happens = () => undefined) {
  const device = new SyntheticDevice(server, DEVICE, 3);
  const readings = Array.from({ length: TRAINED + steps }, (_, i) => {
    if (i >= TRAINED) happens(device, i - TRAINED);
    return device.next(START_MS + i * STEP_MS);
  });
  const valueOf = ({ values }) => values.get(field);
  const head = readings.slice(0, TRAINED);
  const artifact = await train({
    task: 'forecast',
    name: 'server',
    device: DEVICE,
    algorithm: 'auto',
    params: {},
    series: { field },
    horizonMs: DAY * STEP_MS,
    budgetSeconds: 20,
    minRows: 100,
    seed: 1,
    learnAlarms: false,
    tables: [
      {
        device: DEVICE,
        fields: [field],
        timestampsMs: Float64Array.from(head, ({ timestampMs }) => timestampMs),
        data: Float64Array.from(head, valueOf),
      },
    ],
  });
  const settings = { level: LEVEL, version: 'picture' };
  const predictor = new Predictor(unpackModel(artifact.state), artifact.series, settings);
  return { readings, valueOf, predictor };
}

const parts = [];
const add = (text) => parts.push(text);

function text(x, y, words, { anchor = 'start', size = 11, fill = '#333' } = {}) {
  add(`<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${words}</text>`);
}

/** A panel with its frame and title; gives the ways from data to the page. */
function panel({ x, y, width, height, title, to, low, high, hours }) {
  add(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#fff" stroke="#99a"/>`);
  text(x, y - 7, title, { size: 12 });
  const px = (value) => (x + (value / to) * width).toFixed(1);
  const py = (value) => (y + height - ((value - low) / (high - low)) * height).toFixed(1);
  for (let value = low; value <= high; value += (high - low) / 4) {
    text(x - 5, Number(py(value)) + 4, Math.round(value), { anchor: 'end', fill: '#667' });
  }
  for (const [step, words] of hours) text(px(step), y + height + 15, words, { anchor: 'middle', fill: '#667' });
  return { px, py };
}

const points = (values, px, py, from = 0) => Array.from(values, (value, i) => `${px(from + i)},${py(value)}`);

function line(coordinates, stroke, width, dash = '') {
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  add(`<polyline points="${coordinates.join(' ')}" fill="none" stroke="${stroke}" stroke-width="${width}"${dashes}/>`);
}

async function drawDay() {
  const before = DAY / 2;
  const origin = DAY / 3;
  const { readings, valueOf, predictor } = await prepared('cpu_usage_percent', origin + DAY);
  for (const reading of readings.slice(TRAINED, TRAINED + origin)) predictor.push(reading);
  const { points: ahead } = predictor.forecast(DAY);
  const known = readings.slice(TRAINED + origin - before, TRAINED + origin).map(valueOf);
  const came = readings.slice(TRAINED + origin).map(valueOf);
  const inside = came.filter((value, i) => value >= ahead[i].lower && value <= ahead[i].upper).length;
  const { px, py } = panel({
    ...{ x: 45, y: 40, width: 480, height: 250, to: before + DAY, low: 0, high: 60 },
    title: 'processor load in %, and what was to be expected of the next 24 hours',
    hours: [0, 6, 12, 18, 24, 30, 36].map((hour) => [hour * 12, `${String((hour + 20) % 24).padStart(2, '0')}:00`]),
  });
  const upper = points(ahead.map((point) => point.upper), px, py, before); // prettier-ignore
  const lower = points(ahead.map((point) => point.lower), px, py, before); // prettier-ignore
  add(`<polygon points="${[...upper, ...lower.reverse()].join(' ')}" fill="#7fb3d5" opacity="0.4"/>`);
  line(points(known, px, py), '#5b6770', 1.1);
  line(points(came, px, py, before), '#e08a00', 1);
  line(points(ahead.map(({ value }) => value), px, py, before), '#1b4965', 1.8); // prettier-ignore
  line([`${px(before)},40`, `${px(before)},290`], '#99a', 1, '3 3');
  const share = Math.round((100 * inside) / came.length);
  text(60, 60, 'grey: known', { fill: '#5b6770' });
  text(60, 76, 'blue: forecast and its 90 % interval', { fill: '#1b4965' });
  text(60, 92, `orange: what came; ${share} % of it inside`, { fill: '#b06c00' });
}

async function drawLeak() {
  const steps = 110;
  const begins = 20;
  const { readings, valueOf, predictor } = await prepared('memory_usage_percent', steps, (device, step) => {
    if (step === begins) device.inject('memory-leak', { durationMs: 85 * STEP_MS });
  });
  const subject = { device: DEVICE, field: 'memory', model: { name: 'server', version: 1, algorithm: 'auto' } };
  const live = readings.slice(TRAINED);
  let state = NO_BREACH;
  let predicted = null;
  let reached = null;
  for (const [step, reading] of live.entries()) {
    predictor.push(reading);
    const value = { timeMs: reading.timestampMs, value: valueOf(reading) };
    const arrived = stepValue(state, LIMIT, value, subject, BREACH_DEFAULTS);
    const outlook = {
      nowMs: reading.timestampMs,
      stepMs: STEP_MS,
      probabilities: predictor.probabilitiesBeyond(DAY / 4, LIMIT),
    };
    const forecast = stepForecast(arrived.state, LIMIT, outlook, subject, BREACH_DEFAULTS);
    state = forecast.state;
    if (arrived.event?.type === 'breach-reached') reached ??= { step };
    if (forecast.event?.type === 'breach-predicted' && predicted === null) {
      predicted = { step, event: forecast.event, ahead: predictor.forecast(steps - step - 1).points };
    }
  }
  if (predicted === null || reached === null)
    throw new Error('The leak was not predicted, or never reached the limit.');
  const { px, py } = panel({
    ...{ x: 575, y: 40, width: 300, height: 250, to: steps, low: 0, high: 100 },
    title: 'memory in %: it leaks, and the limit is 80',
    hours: [0, 2, 4, 6, 8].map((hour) => [hour * 12, `${hour} h`]),
  });
  const { step, ahead } = predicted;
  const drawn = ahead.filter(({ value }) => value < 100);
  const bounded = (value) => Math.max(0, Math.min(100, value));
  const upper = points(drawn.map((point) => bounded(point.upper)), px, py, step + 1); // prettier-ignore
  const lower = points(drawn.map((point) => bounded(point.lower)), px, py, step + 1); // prettier-ignore
  add(`<polygon points="${[...upper, ...lower.reverse()].join(' ')}" fill="#7fb3d5" opacity="0.4"/>`);
  line([`${px(0)},${py(80)}`, `${px(steps)},${py(80)}`], '#c62828', 1, '4 3');
  line(points(live.map(valueOf), px, py), '#e08a00', 1.1); // prettier-ignore
  line(points(drawn.map(({ value }) => value), px, py, step + 1), '#1b4965', 1.8); // prettier-ignore
  line([`${px(step)},40`, `${px(step)},290`], '#1b4965', 1, '3 3');
  line([`${px(reached.step)},40`, `${px(reached.step)},290`], '#c62828', 1, '3 3');
  const minutes = ((reached.step - step) * STEP_MS) / 60_000;
  text(585, 60, 'blue line: the breach is predicted', { fill: '#1b4965' });
  text(585, 76, `red line: it has come, ${Math.floor(minutes / 60)} h ${minutes % 60} min later`, { fill: '#c62828' });
  console.log(predicted.event.text);
}

await drawDay();
await drawLeak();
writeFileSync(
  new URL('../docs/pictures/forecast.svg', import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 895 325" width="895" height="325" font-family="sans-serif">
<rect width="895" height="325" fill="#fafafa"/>
${parts.join('\n')}
</svg>
`,
);

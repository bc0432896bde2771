// Draws pictures in docs/pictures from the data of the benchmarks (bench/README.md says where it is looked for):
// alarms.svg, the scores and the alarms of ml-detect as it comes for a machine's temperature of NAB; pump-fault.svg, the
// scores of a fault of SKAB; self-test.svg, the self-test of a model of a synthetic pump.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const {
  FeatureStream,
  LearningRows,
  LearningScorer,
  profiles,
  Scorer,
  SyntheticDevice,
  train,
} = require('../dist/lib/index.js');
const { ALARM_DEFAULTS, stepAlarm } = require('../dist/lib/detection/alarm.js');
const { LearningJudge, TrainedJudge } = require('../dist/lib/detection/judge.js');
const { readingsOf } = require('../dist/lib/readings/reading-tables.js');
const { findData, numbersOf, readCsv } = require('../build/bench/support/data.js');
const { readNab } = require('../build/bench/support/nab.js');

const SHADES = { normal: '#5b6770', warning: '#e08a00', critical: '#c62828', field: '#1b4965', fault: '#c62828' };
const REQUEST = {
  ...{ name: 'pump', device: 'pump', algorithm: 'auto', params: {}, pipeline: {}, minRows: 100, seed: 1 },
  ...{ threshold: { by: 'score', value: 0.7 }, task: 'detection', learnAlarms: false },
};
const SETTINGS = { criticalScore: 0.79, contributions: 5 };

/** An SVG that is written bit by bit. */
class Picture {
  #parts = [];

  constructor(width, height) {
    Object.assign(this, { width, height });
  }

  add(part) {
    this.#parts.push(part);
  }

  text(x, y, words, { anchor = 'start', size = 11, fill = '#333' } = {}) {
    this.add(`<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${words}</text>`);
  }

  /** A frame; gives the ways from data to the page, and what draws in it. */
  panel({ x, y, width, height, title, from, to, low, high }) {
    this.add(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#fff" stroke="#99a"/>`);
    this.text(x, y - 7, title, { size: 12 });
    const px = (value) => (x + ((value - from) / (to - from)) * width).toFixed(1);
    const py = (value) => (y + height - ((Math.min(high, value) - low) / (high - low)) * height).toFixed(1);
    return {
      level: (value, label, fill = '#aab') => {
        this.add(`<path d="M${x} ${py(value)}h${width}" stroke="${fill}" stroke-dasharray="4 3"/>`);
        this.text(x - 5, Number(py(value)) + 4, label, { anchor: 'end', fill });
      },
      shade: (start, end) =>
        this.add(
          `<rect x="${px(start)}" y="${y}" width="${(px(end) - px(start)).toFixed(1)}" height="${height}" fill="${SHADES.fault}" opacity="0.12"/>`,
        ),
      dots: (points, fill, size = 2.4) =>
        this.add(
          `<path d="${points.map(([at, value]) => `M${px(at)} ${py(value)}h0`).join('')}" stroke="${fill}" stroke-width="${size}" stroke-linecap="round"/>`,
        ),
      flag: (at) => this.add(`<path d="M${px(at)} ${y}v${height}" stroke="${SHADES.critical}" stroke-width="1.5"/>`),
      bottom: (at, words) => this.text(px(at), y + height + 14, words, { anchor: 'middle' }),
    };
  }

  write(name) {
    const { width, height } = this;
    writeFileSync(
      new URL(`../docs/pictures/${name}.svg`, import.meta.url),
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">
<rect width="${width}" height="${height}" fill="#fafafa"/>
${this.#parts.join('\n')}
</svg>
`,
    );
  }
}

/** Of each so many points that follow each other the one that stands out most, so that a picture stays small. */
function thinned(points, every) {
  return points.filter((_, i) => i % every === 0).map((_, part) => {
    const group = points.slice(part * every, (part + 1) * every);
    return group.reduce((most, point) => (point[1] > most[1] ? point : most));
  }); // prettier-ignore
}

function levels(panel) {
  for (const value of [0, 1]) panel.level(value, String(value));
  panel.level(0.7, '0.70', SHADES.warning);
  panel.level(0.79, '0.79', SHADES.critical);
}

function drawScores(panel, verdicts, every) {
  for (const severity of ['normal', 'warning', 'critical']) {
    const points = verdicts.flatMap((each, i) => (each?.severity === severity ? [[i, each.score]] : []));
    panel.dots(thinned(points, severity === 'normal' ? every : Math.ceil(every / 4)), SHADES[severity]);
  }
}

/** The rows at which an alarm is raised, as ml-detect raises it unopened. */
function raisedAt(verdicts) {
  let state = null;
  return verdicts.flatMap((verdict, i) => {
    if (verdict?.score == null) return [];
    const step = stepAlarm(state, verdict, new Map(), ALARM_DEFAULTS);
    state = step.state;
    return step.events.some(({ type }) => type === 'raised') ? [i] : [];
  });
}

/** Only scores are drawn, none of the recording's readings. */
function drawAlarms(folder) {
  const series = readNab(folder).series.find(({ name }) => name.includes('machine_temperature'));
  const settings = { ...SETTINGS, model: 'machine', warmUpRows: 100, fields: [], timeZone: 'UTC' };
  const judge = new LearningJudge(new LearningScorer(settings), new LearningRows(), settings.warmUpRows, undefined);
  const verdicts = [...series.values].map((value, i) => {
    const reading = {
      device: 'machine',
      timestampMs: series.timestampsMs[i],
      values: new Map([['temperature', value]]),
    };
    return judge.judge(reading).anomaly;
  });
  const raised = raisedAt(verdicts);
  const picture = new Picture(880, 195);
  const title = `scores of ml-detect, learning as it goes, unopened; red lines: its ${raised.length} alarms; shaded: what the benchmark labels`;
  const panel = picture.panel({ x: 60, y: 40, width: 800, height: 110, from: 0, to: verdicts.length, low: 0, high: 1, title }); // prettier-ignore
  for (const { first, last } of series.windows) panel.shade(first, last);
  levels(panel);
  drawScores(panel, verdicts, 40);
  for (const row of raised) panel.flag(row);
  picture.text(460, 175, `${Math.round(verdicts.length / 288)} days, one reading in five minutes →`, {
    anchor: 'middle',
  });
  picture.write('alarms');
}

/** One file: 400 rows to train on, the rest judged. Only scores are drawn, none of the recording's readings. */
async function drawPumpFault(folder) {
  const csv = readCsv(join(folder, 'valve1', '0.csv'), ';');
  const x = numbersOf(csv, csv.columns.filter((column) => !['datetime', 'anomaly', 'changepoint'].includes(column))); // prettier-ignore
  const { data: labels } = numbersOf(csv, ['anomaly']);
  const timestampsMs = Float64Array.from(csv.rows, ([time]) => Date.parse(`${time.replace(' ', 'T')}Z`));
  const readings = { device: 'pump', fields: x.columns, timestampsMs, data: x.data };
  const picture = new Picture(880, 345);
  for (const [place, algorithm] of ['auto', 'isolation-forest'].entries()) {
    const first = {
      ...readings,
      timestampsMs: timestampsMs.slice(0, 400),
      data: x.data.slice(0, 400 * x.columns.length),
    };
    const artifact = await train({ ...REQUEST, algorithm, tables: [first] });
    const judge = new TrainedJudge(new Scorer({ artifact, threshold: null }, SETTINGS), new FeatureStream(artifact.pipeline)); // prettier-ignore
    const verdicts = [...readingsOf(readings)].map((reading) => judge.judge(reading)?.anomaly).slice(400);
    const panel = picture.panel({ x: 60, y: 40 + 150 * place, width: 800, height: 110, from: 0, to: verdicts.length, low: 0, high: 1, title: `score of ${algorithm}; shaded: a valve is closed` }); // prettier-ignore
    const faulty = [...labels.keys()].slice(400).filter((row) => labels[row] > 0);
    panel.shade(faulty[0] - 400, faulty.at(-1) - 400);
    levels(panel);
    drawScores(panel, verdicts, 1);
  }
  picture.text(460, 325, 'a reading a second, some 12 minutes →', { anchor: 'middle' });
  picture.write('pump-fault');
}

async function drawSelfTest() {
  const pump = profiles.find(({ id }) => id === 'pump-station');
  const device = new SyntheticDevice(pump, 'pump', 1);
  const readings = Array.from({ length: 3 * 1440 }, (_, i) => device.next(Date.UTC(2026, 4, 4) + i * 60_000));
  const fields = pump.fields.map(({ name }) => name);
  const table = {
    ...{ device: 'pump', fields, timestampsMs: Float64Array.from(readings, ({ timestampMs }) => timestampMs) },
    data: Float64Array.from(readings.flatMap(({ values }) => fields.map((field) => values.get(field)))),
  };
  const { card } = await train({ ...REQUEST, tables: [table] });
  const picture = new Picture(880, 300);
  const width = 700 / card.selfTest.faults.length;
  picture.text(60, 25, 'share of planted faults that are found; below: size in robust sigmas; in the bar: minutes until the alarm, the median', { size: 12 }); // prettier-ignore
  card.selfTest.faults.forEach(({ fault, size, flagged, alarmed, delayMs }, i) => {
    const found = fault === 'spike' ? flagged : alarmed;
    const [x, height] = [80 + i * (width + 4), 190 * found];
    picture.add(`<rect x="${x.toFixed(1)}" y="${(240 - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="#7fb3d5"/>`); // prettier-ignore
    const middle = (x + width / 2).toFixed(1);
    picture.text(middle, 235 - height, `${Math.round(100 * found)} %`, { anchor: 'middle', size: 10 });
    if (delayMs !== null && found > 0.15) picture.text(middle, 236, Math.round(delayMs / 60_000), { anchor: 'middle', size: 10, fill: SHADES.field }); // prettier-ignore
    picture.text(middle, 255, size ?? '', { anchor: 'middle', size: 10 });
    const isMiddle = size === null || size === 4;
    if (isMiddle) picture.text(middle, 275, fault.replace('correlation-break', 'own way'), { anchor: 'middle' });
  });
  picture.write('self-test');
}

const [nab, skab] = [findData('nab'), findData('skab')];
if (nab !== null) drawAlarms(nab);
if (skab !== null) await drawPumpFault(skab);
await drawSelfTest();

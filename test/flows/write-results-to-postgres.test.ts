import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import should from 'should';
import type { StoredForecast } from '#lib/postgres/results/stored-forecasts';
import type { StoredAnomaly, StoredEvent } from '#lib/postgres/results/stored-results';
import mlDatabase from '#nodes/ml-database/ml-database';
import mlDetect from '#nodes/ml-detect/ml-detect';
import mlForecast from '#nodes/ml-forecast/ml-forecast';
import mlModelStore from '#nodes/ml-model-store/ml-model-store';
import mlSynthetic from '#nodes/ml-synthetic/ml-synthetic';
import { type FileNode, ROOT } from '../support/demo';
import { arrivals, type FlowNode, loadFlow, type Message, runningNode, unloadFlow } from '../support/flow';
import { temporaryFolder } from '../support/folder';

const file = 'examples/07 write results to Postgres.json';
const example = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as (FileNode & FlowNode)[];
const node = (type: string, name: string): FileNode =>
  example.find((each) => each.type === type && each.name === name)!;

/** What a button's constants say; what it computes is left to the test. */
function constants(button: string): Message {
  const props = node('inject', button).props as readonly {
    readonly p: string;
    readonly v: string;
    readonly vt: string;
  }[];
  const given = props.filter(({ vt }) => vt !== 'jsonata');
  return Object.fromEntries(given.map(({ p, v, vt }) => [p, vt === 'num' ? Number(v) : v]));
}

/** Ten times as fast as it is shown: as much of the machine's life between two readings. */
const FASTER = { rate: '0.02', speed: '300' };
/** Of two pumps, as fast as it is shown: the example asks for a minute's patience. */
const READINGS_OF_A_MINUTE = 600;

describe('the example "write results to Postgres"', function () {
  this.timeout(120_000);
  afterEach(unloadFlow);
  const folder = temporaryFolder();

  it('goes from a fault to the alarm, its reasons, a forecast and statistics, asked of the database', async () => {
    // What is pressed is given by hand, and what is shown is listened to.
    const flow = example
      .filter(({ type }) => !['comment', 'inject'].includes(type))
      .map((each) => (each.type === 'debug' ? { ...each, type: 'helper' } : each))
      .map((each) => (each.type === 'ml-synthetic' ? { ...each, ...FASTER } : each)) as FlowNode[];
    await loadFlow([mlDatabase, mlSynthetic, mlDetect, mlForecast, mlModelStore], flow, { userDir: folder() });
    const press = (button: string, computed: Message = {}): void => {
      const [[pressed]] = node('inject', button).wires as [[string]];
      runningNode(pressed).receive({ ...constants(button), ...computed });
    };
    const ask = async <T>(button: string, computed: () => Message = () => ({})): Promise<readonly T[]> => {
      const answer = arrivals(node('debug', 'answers').id, 1);
      press(button, computed());
      return (await answer)[0]!.payload as readonly T[];
    };
    /** What is found is written within a second; until then there is nothing. */
    const found = async <T>(...question: Parameters<typeof ask>): Promise<readonly T[]> => {
      for (;;) {
        const answer = await ask<T>(...question);
        if (answer.length > 0) return answer;
        await pause(50);
      }
    };

    await arrivals(node('debug', 'score of each reading').id, READINGS_OF_A_MINUTE);
    const told = arrivals(node('debug', 'alarms').id, 1);
    press('Blocked valve in pump-02');
    const [alarm] = (await told).map(({ payload }) => payload as StoredEvent);
    should(alarm).containDeep({ type: 'raised', device: 'pump-02' });

    const events = await found<StoredEvent>('Alarms of the last hour');
    should(events.at(-1)).containDeep({ type: 'raised', id: alarm!.id, text: alarm!.text });
    const anomalies = await ask<StoredAnomaly>('The newest anomalies, with their reasons');
    should(anomalies.length).be.within(1, 5);
    should(anomalies[0]!.device).equal('pump-02');
    should(anomalies[0]!.contributions.length).be.above(0);
    const [forecast] = await found<StoredForecast>('A forecast of pump-01, and what came', () => ({
      to: Date.now() - 1000,
    }));
    should(forecast).containDeep({ device: 'pump-01', field: 'pressure' });
    should(forecast!.points.some(({ actual }) => actual !== undefined)).be.true();
    const statistics = await ask<{ device: string; labels: object }>('Statistics of the readings');
    should(statistics.map(({ device }) => device)).eql(['pump-01', 'pump-02']);
    should(Object.keys(statistics[1]!.labels)).containDeep(['normal', 'blocked-valve']);
  });
});

import type { Node, NodeAPI, NodeStatus } from 'node-red';
import should from 'should';
import type { ExpectedBreach } from '#lib/forecasting/forecast-device';
import type { ForecastStatus } from '#lib/forecasting/forecast-monitor';
import { showForecast } from '#nodes/ml-forecast/forecast-status';
import { translate } from '../support/catalogue';

const HOUR_MS = 3_600_000;
const NOTHING: ForecastStatus = {
  devices: 0,
  isWaiting: true,
  expected: [],
  model: null,
  learning: null,
  latest: null,
};

describe('what stands beside ml-forecast', () => {
  const RED = { _: translate } as unknown as NodeAPI;
  const shown = (now: Partial<ForecastStatus>): NodeStatus => {
    let last: NodeStatus = {};
    const node = { status: (status: NodeStatus) => (last = status) } as unknown as Node;
    showForecast(RED, node, { ...NOTHING, ...now });
    return last;
  };
  const above = (inMs: number): ExpectedBreach => ({ direction: 'above', value: 57.25, inMs });

  it('is that data is awaited, also where devices are known from before', () => {
    for (const devices of [0, 200]) {
      should(shown({ devices })).eql({ fill: 'yellow', shape: 'ring', text: 'waiting for data' });
    }
  });

  it('is that there is no model, once something has been heard', () => {
    should(shown({ devices: 1, isWaiting: false })).eql({ fill: 'yellow', shape: 'ring', text: 'no model' });
  });

  it('is the limit that will be crossed, and when; from its time on, now', () => {
    should(shown({ expected: [above(8 * HOUR_MS)] })).eql({ fill: 'red', shape: 'dot', text: '> 57.25 in 8 h' });
    should(shown({ expected: [above(0)] }).text).equal('> 57.25 now');
  });

  it('is how many limits will be crossed, where there are several', () => {
    should(shown({ expected: [above(0), above(HOUR_MS)] }).text).equal('2 limits ahead');
  });
});

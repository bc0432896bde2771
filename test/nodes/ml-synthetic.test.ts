import fc from 'fast-check';
import should from 'should';
import mlSynthetic from '#nodes/ml-synthetic/ml-synthetic';
import { arrivals, give, loadFlow, type Message, nextStatus, runningNode, unloadFlow } from '../support/flow';

type Row = Record<string, number | string>;

const out = { id: 'out', type: 'helper' };

async function start(config: Record<string, unknown>): Promise<void> {
  await loadFlow([mlSynthetic], [{ id: 'synthetic', type: 'ml-synthetic', wires: [['out']], ...config }, out]);
}

describe('ml-synthetic', () => {
  afterEach(unloadFlow);

  describe('live', () => {
    it('works as dropped on the canvas: a pump, one reading a second', async () => {
      await start({});
      const began = Date.now();
      const [message] = await arrivals('out', 1);
      should(Date.now() - began).be.within(500, 2000);
      should(message).containEql({ topic: 'pump-station/pump-01', device: 'pump-01' });
      const payload = message!.payload as Row;
      should(Object.keys(payload)).eql([
        'timestamp',
        'flow',
        'pressure',
        'motorCurrent',
        'vibration',
        'bearingTemperature',
        'motorTemperature',
        'speed',
        'label',
      ]);
      should(Date.parse(payload.timestamp as string)).be.within(began, Date.now());
      should(payload.flow).be.within(80, 130);
      should(payload.label).equal('normal');
    });

    it('plays each device at the rate', async () => {
      await start({ profile: 'server', devices: 'a, b', rate: '0.02' });
      const messages = await arrivals('out', 4);
      should(messages.map(({ device }) => device)).eql(['a', 'b', 'a', 'b']);
      should(messages[0]!.topic).equal('server/a');
    });

    it('injects a scenario, shows it, and clears it', async () => {
      await start({ rate: '0.02' });
      const node = runningNode('synthetic');
      const shown = nextStatus(node, (status) => (status as { text: string }).text === 'cavitation');
      should(await give(node, { action: 'inject', scenario: 'cavitation' })).eql({ sent: [] });
      const [message] = await arrivals('out', 1);
      should((message!.payload as Row).label).equal('cavitation');
      should(await shown).eql({ fill: 'yellow', shape: 'dot', text: 'cavitation' });

      await give(node, { action: 'clear' });
      const [after] = await arrivals('out', 1);
      should((after!.payload as Row).label).equal('normal');
    });

    it('injects into the one device that is named, for as long as is said', async () => {
      await start({ devices: 'a,b', rate: '0.02', speed: '60' });
      const node = runningNode('synthetic');
      const injected = { action: 'inject', scenario: 'sensor-stuck', device: 'b', field: 'flow', duration: 0.06 };
      await give(node, injected);
      const messages = await arrivals('out', 10);
      const labels = (device: string): unknown[] =>
        messages.filter((message) => message.device === device).map((message) => (message.payload as Row).label);
      should(labels('a')).eql(Array(5).fill('normal'));
      should(labels('b')).eql([...Array<string>(3).fill('sensor-stuck'), 'normal', 'normal']);
    });

    const refused: readonly (readonly [string, Message, RegExp])[] = [
      ['no action', { payload: 1 }, /takes msg.action "inject" .* or "clear"; got undefined/],
      ['an unknown action', { action: 'explode' }, /got "explode"/],
      ['no scenario', { action: 'inject' }, /scenarios of pump-station are cavitation, .*; got undefined/],
      ['an unknown scenario', { action: 'inject', scenario: '__proto__' }, /got "__proto__"/],
      [
        'an unknown device',
        { action: 'inject', scenario: 'cavitation', device: 'x' },
        /one of this node's devices .*pump-01/,
      ],
      [
        'a bad duration',
        { action: 'inject', scenario: 'cavitation', duration: -1 },
        /number of seconds above 0, got -1/,
      ],
      [
        'an unknown field',
        { action: 'inject', scenario: 'sensor-stuck', field: {} },
        /fields of pump-station are flow/,
      ],
    ];
    for (const [name, message, expected] of refused) {
      it(`refuses ${name} in a sentence that helps`, async () => {
        await start({});
        const { error } = await give(runningNode('synthetic'), message);
        should(error?.message).match(expected);
      });
    }

    it('takes any message without harm', async () => {
      await start({ rate: '0.02' });
      const node = runningNode('synthetic');
      const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true });
      const message = fc.record(
        {
          action: fc.oneof(fc.constant('inject'), fc.constant('clear'), anything),
          scenario: fc.oneof(fc.constant('cavitation'), fc.constant('sensor-drift'), anything),
          device: fc.oneof(fc.constant('pump-01'), anything),
          duration: fc.oneof(fc.double(), anything),
          field: fc.oneof(fc.constant('flow'), anything),
          payload: anything,
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(message, async (received) => {
          const { error } = await give(node, received);
          if (error !== undefined) should(error.name).equal('MlError');
        }),
        { seed: 1, numRuns: 1000 },
      );
      const [reading] = await arrivals('out', 1);
      should((reading!.payload as Row).flow).be.a.Number();
    });
  });

  describe('batch', () => {
    it('answers a message with rows that end now, in the message itself', async () => {
      await start({ mode: 'batch', profile: 'server', days: '2', interval: '60', devices: 'web-1' });
      const began = Date.now();
      const given: Message = { _msgid: '1', payload: 'go', keep: 'me' };
      const { sent } = await give(runningNode('synthetic'), given);
      should(sent).have.length(1);
      should(sent[0]).equal(given);
      should(given.keep).equal('me');
      const rows = given.payload as Row[];
      should(rows).have.length(2880);
      should(rows[0]).have.property('device', 'web-1');
      should(Date.parse(rows.at(-1)!.timestamp as string)).be.within(began, Date.now());
      should(new Set(rows.map((row) => row.label)).has('cpu-spike')).be.true();
    });

    it('gives the same CSV for the same seed and start, and normal rows only where told', async () => {
      await start({
        mode: 'batch',
        format: 'csv',
        days: '0.5',
        start: '2026-01-05T00:00:00Z',
        scenarios: false,
        seed: '7',
      });
      const node = runningNode('synthetic');
      const [first, second] = [await give(node, {}), await give(node, {})];
      const text = (first.sent[0] as Message).payload as string;
      should((second.sent[0] as Message).payload).equal(text);
      const lines = text.trimEnd().split('\n');
      should(lines).have.length(721);
      should(lines[0]).equal(
        'timestamp,device,flow,pressure,motorCurrent,vibration,bearingTemperature,motorTemperature,speed,label',
      );
      should(lines.slice(1).every((line) => line.startsWith('2026-01-05T') && line.endsWith(',normal'))).be.true();
    });

    it('lets other work go on while it makes a month', async () => {
      await start({ mode: 'batch', profile: 'server', days: '30' });
      let longestMs = 0;
      let lastMs = performance.now();
      const timer = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - lastMs);
        lastMs = performance.now();
      }, 1);
      const { sent } = await give(runningNode('synthetic'), {});
      clearInterval(timer);
      should((sent[0] as { payload: Row[] }).payload).have.length(43_200);
      // Slices are 10 ms; the rest is room for garbage collection and a busy machine.
      should(longestMs).be.below(200);
    });

    it('takes the length and the seed from a message, for this time', async () => {
      const usually = { start: '2026-01-05T00:00:00Z', seed: '7', scenarios: false };
      await start({ mode: 'batch', days: '1', interval: '3600', ...usually });
      const node = runningNode('synthetic');
      const flows = async (message: Message): Promise<unknown[]> => {
        const { sent } = await give(node, message);
        return ((sent[0] as Message).payload as Row[]).map(({ flow }) => flow);
      };
      const usual = await flows({ days: '', seed: null });
      should(usual).have.length(24);
      should(await flows({ days: 2, seed: 7 }).then((both) => both.slice(0, 24))).eql(usual);
      should(await flows({ seed: 8 }))
        .have.length(24)
        .and.not.eql(usual);
      should(await flows({})).eql(usual);
      const { error } = await give(node, { days: -1 });
      should(error?.message).match(/days must be .*got -1/);
    });

    it('makes one batch after another, and refuses more than it should hold', async () => {
      await start({ mode: 'batch', days: '0.1' });
      const node = runningNode('synthetic');
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => give(node, {})));
      should(outcomes.filter(({ error }) => error === undefined)).have.length(10);
      should(outcomes.at(-1)!.error?.message).match(/10 batches are being made already/);
    });

    it('is cancelled quietly by a redeploy', async () => {
      await start({ mode: 'batch', profile: 'server', days: '300' });
      const pending = give(runningNode('synthetic'), {});
      await runningNode('synthetic').close(false);
      should(await pending).eql({ sent: [] });
    });

    it('refuses to inject, and batches that are too large', async () => {
      await start({ mode: 'batch', days: '3000', interval: '1' });
      const node = runningNode('synthetic');
      should((await give(node, { action: 'inject' })).error?.message).match(/can be injected in live mode/);
      should((await give(node, {})).error?.message).match(/600000 rows at most, and this one would have 259200000/);
    });
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    [
      'a rate that is no number',
      { rate: 'fast' },
      /ml-synthetic: rate must be a number from 0.01 to 86400, got "fast"/,
    ],
    ['a rate of nothing', { rate: '0' }, /rate must be a number from 0.01/],
    ['an unknown profile', { profile: 'toaster' }, /the profiles are pump-station, server, custom; got "toaster"/],
    ['own metrics that are none', { profile: 'custom' }, /needs 1 to 200 metrics, got 0/],
    ['a start that is no time', { start: 'yesterday' }, /the start must be a time such as .*got "yesterday"/],
    [
      'too many devices',
      { devices: Array.from({ length: 1001 }, (_, i) => i).join() },
      /1000 devices at most, got 1001/,
    ],
  ];
  for (const [name, config, expected] of wrong) {
    it(`says what is wrong with ${name}, in its status and to each message`, async () => {
      await start(config);
      const node = runningNode('synthetic');
      should((node as unknown as { status: { lastCall: { args: [object] } } }).status.lastCall.args[0]).eql({
        fill: 'red',
        shape: 'ring',
        text: name === 'too many devices' ? 'limit reached' : 'wrong setting',
      });
      should((await give(node, {})).error?.message).match(expected);
    });
  }
});

// Over 300 lines: the small pieces of `nodes/shared`, too small for files of their own.
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import RED from 'node-red';
import should from 'should';
import { MlError, type MlErrorCode } from '#lib/core/errors';
import type { VersionedConfig } from '#nodes/shared/config';
import { deviceSetting } from '#nodes/shared/device';
import { migrateConfig } from '#nodes/shared/migrate';
import { onInput, type InputHandler, type InputMessage } from '#nodes/shared/on-input';
import { readMessages } from '#nodes/shared/read-messages';
import { conditionSetting, durationSetting, listSetting, numberSettings, optionalNumber } from '#nodes/shared/settings';
import { startNode } from '#nodes/shared/start';
import { setStatus } from '#nodes/shared/status';
import { translate } from '../support/catalogue';

const api = { _: translate, util: RED.util } as unknown as NodeAPI;

/** A node without a flow: what it shows and reports is kept, messages are given to it by hand. */
class LoneNode {
  readonly type = 'ml-test';
  readonly id = 'n';
  readonly statuses: NodeStatus[] = [];
  readonly errors: unknown[] = [];
  readonly warnings: string[] = [];
  /** What `done` was called with, once a call. */
  readonly done: (Error | undefined)[] = [];
  readonly sent: unknown[] = [];
  #input: ((message: object, send: (sent: unknown) => void, done: (error?: Error) => void) => void) | undefined;
  readonly #close: (() => void)[] = [];

  on(event: string, listener: () => void): this {
    if (event === 'close') this.#close.push(listener);
    else this.#input = listener;
    return this;
  }
  status(status: NodeStatus): void {
    this.statuses.push(status);
  }
  error(message: unknown): void {
    this.errors.push(message);
  }
  warn(message: string): void {
    this.warnings.push(message);
  }
  context(): object {
    const store = { get: (key: string, _: unknown, back: (e: null, v: string) => void) => back(null, `${key}-1`) };
    return { flow: store, global: store };
  }
  receive(message: object): void {
    this.#input!(
      message,
      (sent) => this.sent.push(sent),
      (error) => this.done.push(error),
    );
  }
  close(): void {
    for (const listener of this.#close) listener();
  }
}

const asNode = (node: LoneNode): Node => node as unknown as Node;

function listening(handler: InputHandler): LoneNode {
  const node = new LoneNode();
  onInput(api, asNode(node), handler);
  return node;
}

/** Lets everything that is ready go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what nodes share: input', () => {
  it('is done at once with a handler that returns no promise', () => {
    const node = listening((message, send) => send(message));
    const message = { payload: 1 };
    node.receive(message);
    should(node.sent).eql([message]);
    should(node.done).eql([undefined]);
    should(node.statuses).be.empty();
  });

  it('is done with a promise when it is fulfilled', async () => {
    let finish!: () => void;
    const node = listening(() => new Promise((resolve) => (finish = resolve)));
    node.receive({});
    await turn();
    should(node.done).be.empty();
    finish();
    await turn();
    should(node.done).eql([undefined]);
  });

  for (const [how, handler] of [
    [
      'thrown',
      (error: Error) => () => {
        throw error;
      },
    ],
    ['rejected', (error: Error) => () => Promise.reject(error)],
  ] as const satisfies readonly (readonly [string, (error: Error) => InputHandler])[]) {
    it(`passes an error of the core on as it is, ${how}, and shows it`, async () => {
      const error = new MlError('DATA', 'A reading must hold a number; got none.');
      const node = listening(handler(error));
      node.receive({});
      await turn();
      should(node.done).eql([error]);
      should(node.statuses).eql([{ fill: 'red', shape: 'ring', text: 'unusable data' }]);
    });

    it(`explains an error that nobody expected, ${how}`, async () => {
      const node = listening(handler(new TypeError('x is not a function')));
      node.receive({});
      await turn();
      should(node.done).have.length(1);
      should(node.done[0]!.message).match(
        /^ml-test met something unexpected .*: x is not a function\. Please report it/,
      );
      should(node.done[0]!.cause).be.instanceOf(TypeError);
      should(node.statuses.at(-1)!.text).equal('unexpected error');
    });
  }

  it('has a short text for every code of an error', () => {
    const codes: Readonly<Record<Exclude<MlErrorCode, 'ABORTED'>, true>> = {
      PARAMETER: true,
      DATA: true,
      TOO_FEW_ROWS: true,
      LIMIT: true,
      ARTIFACT: true,
      NOT_FOUND: true,
      CONFLICT: true,
      STORE: true,
      DATABASE: true,
      WORKER: true,
    };
    for (const code of Object.keys(codes) as MlErrorCode[]) {
      const node = listening(() => {
        throw new MlError(code, 'It failed.');
      });
      node.receive({});
      should(node.statuses[0]!.text).match(/^[a-z ]{5,19}$/);
    }
  });

  it('ends the red ring with the next success, and shows again what the node said', () => {
    const node = listening(({ payload }) => {
      if (payload === 'bad') throw new MlError('LIMIT', 'Too much.');
    });
    setStatus(asNode(node), { fill: 'green', shape: 'dot', text: '3 devices' });
    node.receive({ payload: 'bad' });
    node.receive({ payload: 'bad' });
    node.receive({});
    node.receive({});
    should(node.statuses.map(({ text }) => text)).eql(['3 devices', 'limit reached', '3 devices']);
  });

  it('shows a failure on while the node only says what it said before, until it says something new', () => {
    const node = listening(() => {
      throw new MlError('DATA', 'No reading.');
    });
    const say = (text: string): void => setStatus(asNode(node), { fill: 'green', shape: 'dot', text });
    say('normal');
    node.receive({});
    say('normal');
    should(node.statuses.at(-1)!.text).equal('unusable data');
    say('1 alarm');
    should(node.statuses.at(-1)!.text).equal('1 alarm');
  });

  it('ends quietly what was cancelled', async () => {
    const node = listening(() => Promise.reject(new MlError('ABORTED', 'Cancelled.')));
    node.receive({});
    await turn();
    should(node.done).eql([undefined]);
    should(node.statuses).be.empty();
  });

  it('neither sends nor shows anything once the node has closed', async () => {
    const ends: (() => void)[] = [];
    const node = listening(async (message, send) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      send(message);
      if (message.payload === 'bad') throw new MlError('STORE', 'The store was closed.');
    });
    node.receive({ payload: 'bad' });
    node.receive({});
    node.close();
    for (const end of ends) end();
    await turn();
    should(node.sent).be.empty();
    should(node.statuses).be.empty();
    should(node.done).eql([undefined, undefined]);
  });
});

describe('what nodes share: status', () => {
  it('cuts a text to the room there is, and shows nothing twice', () => {
    const node = new LoneNode();
    for (let i = 0; i < 3; i++)
      setStatus(asNode(node), { fill: 'blue', shape: 'ring', text: 'a rather long device name' });
    should(node.statuses).eql([{ fill: 'blue', shape: 'ring', text: 'a rather long devi…' }]);
    should(node.statuses[0]!.text!.length).be.below(20);
    setStatus(asNode(node), {});
    should(node.statuses.at(-1)).eql({});
  });
});

describe('what nodes share: start', () => {
  it('tells what is wrong with the settings, in the log, the status and to each message', () => {
    const node = new LoneNode();
    const error = new MlError('PARAMETER', 'ml-test: rate must be a number from 1 to 2, got 3.');
    startNode(api, asNode(node), () => {
      throw error;
    });
    should(node.errors).eql([error.message]);
    should(node.statuses).eql([{ fill: 'red', shape: 'ring', text: 'wrong setting' }]);
    node.receive({});
    should(node.done).eql([error]);
  });
});

describe('what nodes share: settings', () => {
  const specs = {
    rows: { type: 'int', default: 5, min: 1, max: 10, doc: '' },
    share: { type: 'number', default: 0.5, min: 0, max: 1, doc: '' },
  } as const;

  it('reads numbers from text, and takes the default for blank and missing ones', () => {
    should(numberSettings('ml-test', specs, { rows: ' 7 ', share: '1e-2', other: 'x' })).eql({ rows: 7, share: 0.01 });
    should(numberSettings('ml-test', specs, { rows: '  ', share: null })).eql({ rows: 5, share: 0.5 });
    should(numberSettings('ml-test', specs, {})).eql({ rows: 5, share: 0.5 });
    should(numberSettings('ml-test', specs, { rows: 3 })).eql({ rows: 3, share: 0.5 });
  });

  for (const [value, shown] of [
    ['many', '"many"'],
    ['0', '0'],
    ['11', '11'],
    ['2.5', '2.5'],
    ['Infinity', '"Infinity"'],
    [{}, 'an object'],
  ] as const) {
    it(`refuses ${shown} where a whole number from 1 to 10 is needed`, () => {
      should(() => numberSettings('ml-test', specs, { rows: value })).throw({
        code: 'PARAMETER',
        message: `ml-test: rows must be an integer from 1 to 10, got ${shown}.`,
      });
    });
  }

  it('leaves an optional number undefined where it is blank, and checks it where it is not', () => {
    should(optionalNumber('ml-test', 'rows', specs.rows, '')).be.undefined();
    should(optionalNumber('ml-test', 'rows', specs.rows, undefined)).be.undefined();
    should(optionalNumber('ml-test', 'rows', specs.rows, '4')).equal(4);
    should(() => optionalNumber('ml-test', 'rows', specs.rows, '40')).throw(
      /rows must be an integer from 1 to 10, got 40/,
    );
  });

  it('reads how long something lasts, with its unit', () => {
    const durations = [
      ['24 h', 86_400_000],
      ['90min', 5_400_000],
      [' 1.5 D ', 129_600_000],
      ['.5 s', 500],
      ['2 w', 1_209_600_000],
      ['', undefined],
      [undefined, undefined],
    ] as const;
    for (const [text, expectedMs] of durations) should(durationSetting('ml-test', 'horizon', text)).equal(expectedMs);
    for (const wrong of ['24', 'h', '0 h', '-1 h', '1..5 h', '3 weeks', '5e3 h', '100000 d', 24, {}, true]) {
      should(() => durationSetting('ml-test', 'horizon', wrong)).throw(
        /^ml-test: horizon must be a time such as "24 h" \(units: s, min, h, d, w\) of at most 10 years, got /,
      );
    }
  });

  it('reads names from comma-separated text, each once', () => {
    should(listSetting(' flow, system.cpuUsage ,, flow,__proto__')).eql(['flow', 'system.cpuUsage', '__proto__']);
    should(listSetting('')).eql([]);
    should(listSetting(undefined)).eql([]);
  });

  it('reads the condition, and none where its field is blank', () => {
    const condition = { conditionField: ' running ', conditionComparison: '>=', conditionValue: '1' } as const;
    should(conditionSetting('ml-test', condition)).eql({ field: 'running', comparison: '>=', value: 1 });
    should(conditionSetting('ml-test', { ...condition, conditionValue: '' })).have.property('value', 0);
    should(conditionSetting('ml-test', { ...condition, conditionField: ' ' })).be.undefined();
    should(() => conditionSetting('ml-test', { ...condition, conditionValue: 'on' })).throw(
      /"judge only when running" needs a number, got "on"/,
    );
    should(() => conditionSetting('ml-test', { ...condition, conditionComparison: '~' as '>' })).throw(
      /one of > >= .*got "~"/,
    );
  });
});

describe('what nodes share: migration', () => {
  interface Config extends VersionedConfig {
    readonly rows: string;
    readonly label: string;
  }
  const defaults = { rows: '5', label: '' };
  const flow = { id: 'n', type: 'ml-test', name: '', z: 'f' };

  it('fills in what a flow does not say, and keeps what it says', () => {
    const config = migrateConfig<Config>({ ...flow, rows: '' } as Config, defaults);
    should(config).containEql({ id: 'n', rows: '', label: '', configVersion: 1 });
  });

  it('brings a configuration to the newest version, step by step, from wherever it is', () => {
    const migrations = [
      (config: object) => ({ ...config, label: `${(config as { title: string }).title}!`, steps: 'a' }),
      (config: object) => ({ ...config, steps: `${(config as { steps?: string }).steps ?? ''}b` }),
    ];
    const migrate = (given: object): Config => migrateConfig<Config>({ ...flow, ...given }, defaults, migrations);
    should(migrate({ title: 'old' })).containEql({ label: 'old!', steps: 'ab', rows: '5' });
    should(migrate({ title: 'old', configVersion: 1 })).containEql({ label: 'old!', steps: 'ab' });
    should(migrate({ label: 'new', configVersion: 2 })).containEql({ label: 'new', steps: 'b' });
    should(migrate({ label: 'newer', configVersion: 3 }))
      .containEql({ label: 'newer', configVersion: 3 })
      .and.not.have.property('steps');
    should(migrate({ title: 'odd', configVersion: -2 })).containEql({ label: 'odd!', steps: 'ab' });
  });

  it('leaves the flow as it is', () => {
    const given = Object.freeze({ ...flow, configVersion: 1 });
    migrateConfig<Config>(given, defaults);
    should(given).eql({ ...flow, configVersion: 1 });
  });
});

describe('what nodes share: the device', () => {
  const deviceOf = (config: object, message: InputMessage): unknown =>
    deviceSetting(api, asNode(new LoneNode()), config)(message);

  it('is msg.device where nothing is set, without a promise', () => {
    should(deviceOf({}, { device: 'pump-07' })).equal('pump-07');
    should(deviceOf({ device: '', deviceType: 'msg' }, { device: 7 })).equal(7);
    should(deviceOf({}, {})).be.undefined();
  });

  it('is a property of the message, also a nested one, and blank where that is missing', () => {
    const setting = { device: 'payload.meta.id', deviceType: 'msg' };
    should(deviceOf(setting, { payload: { meta: { id: 'a' } } })).equal('a');
    should(deviceOf(setting, { payload: 5 })).be.undefined();
    should(deviceOf(setting, {})).be.undefined();
  });

  it('is the same text for every message', () => {
    should(deviceOf({ device: 'press', deviceType: 'str' }, { device: 'x' })).equal('press');
  });

  it('comes from context and from JSONata with a promise', async () => {
    should(await deviceOf({ device: 'machine', deviceType: 'flow' }, {})).equal('machine-1');
    should(await deviceOf({ device: '"pump-" & payload.id', deviceType: 'jsonata' }, { payload: { id: 3 } })).equal(
      'pump-3',
    );
  });

  it('says what is wrong with an expression', async () => {
    should(() => deviceOf({ device: '((', deviceType: 'jsonata' }, {})).throw({ code: 'PARAMETER' });
    await should(deviceOf({ device: '$number("x")', deviceType: 'jsonata' }, {})).be.rejectedWith({ code: 'DATA' });
    should(() => deviceOf({ device: 'x', deviceType: 'date' }, {})).throw(/cannot be taken from "date"/);
  });
});

describe('what nodes share: reading messages', () => {
  it('gives the readings at once where the device is in the message', () => {
    const read = readMessages(api, asNode(new LoneNode()), {});
    const seen: string[] = [];
    const result = read({ payload: { flow: 1 }, device: 'a' }, (readings) => {
      seen.push(...readings.map(({ device, values }) => `${device} ${values.get('flow')}`));
    });
    should(result).be.undefined();
    should(seen).eql(['a 1']);
  });

  it('keeps the order of messages, also where their devices are found in another', async () => {
    const node = new LoneNode();
    const answers: (() => void)[] = [];
    const get = (_key: string, _store: unknown, back: (error: null, found: string) => void): void => {
      answers.push(() => back(null, 'a'));
    };
    node.context = () => ({ flow: { get } });
    const read = readMessages(api, asNode(node), { device: 'machine', deviceType: 'flow' });
    const seen: (number | undefined)[] = [];
    const results = [1, 2, 3].map(async (flow) =>
      read({ payload: { flow } }, (readings) => {
        seen.push(...readings.map(({ values }) => values.get('flow')));
      }),
    );
    for (const answer of answers.reverse()) {
      answer();
      await turn();
    }
    await Promise.all(results);
    should(seen).eql([1, 2, 3]);
  });

  it('goes on after a message whose device cannot be found', async () => {
    const read = readMessages(api, asNode(new LoneNode()), { device: '$number(payload.id)', deviceType: 'jsonata' });
    const devices: string[] = [];
    const note = (readings: readonly { device: string }[]): void => {
      devices.push(...readings.map(({ device }) => device));
    };
    const first = read({ payload: { flow: 1, id: 'x' } }, note);
    const second = read({ payload: { flow: 1, id: '12' } }, note);
    await should(first).be.rejectedWith({ code: 'DATA' });
    await second;
    should(devices).eql(['12']);
  });

  it('uses the settings of the form', () => {
    const config = {
      topicPattern: 'site/{device}/{field}',
      assemble: 'leading',
      leadingField: 'flow',
      maxAge: '60',
    } as const;
    const read = readMessages(api, asNode(new LoneNode()), config);
    const seen: unknown[] = [];
    const give = (topic: string, payload: unknown): unknown =>
      read({ topic, payload }, (readings) => {
        seen.push(...readings.map(({ device, values }) => [device, Object.fromEntries(values)]));
      });
    give('site/p1/pressure', 3);
    give('site/p1/flow', 7);
    should(seen).eql([['p1', { pressure: 3, flow: 7 }]]);
  });

  it('refuses settings that make no sense', () => {
    const node = asNode(new LoneNode());
    should(() => readMessages(api, node, { maxAge: 'long' })).throw(/maxAge must be a number from .* got "long"/);
    should(() => readMessages(api, node, { assemble: 'later' as 'step' })).throw(
      /assemble must be one of change, step, leading, got "later"/,
    );
  });
});

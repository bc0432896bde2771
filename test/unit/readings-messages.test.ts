// Over 300 lines: one reader of messages; most of its length are the shapes that messages have.
import should from 'should';
import type { Reading } from '#lib/core/readings';
import { MessageReader, type MessageReaderSettings, type ReadingMessage } from '#lib/readings/message-reader';

const NOW = Date.UTC(2026, 4, 3, 14, 2);
const SECOND = 1000;

/** A reading as plain data, for comparison. */
function plain({ device, timestampMs, values, label }: Reading): object {
  return { device, timestampMs, values: Object.fromEntries(values), ...(label === undefined ? {} : { label }) };
}

function read(message: ReadingMessage, settings: Partial<MessageReaderSettings> = {}): object[] {
  return new MessageReader(settings).read(message, NOW).map(plain);
}

function valuesOf(payload: unknown, settings: Partial<MessageReaderSettings> = {}): object {
  const [first] = new MessageReader(settings).read({ payload }, NOW);
  return Object.fromEntries(first!.values);
}

function problemOf(message: ReadingMessage, settings: Partial<MessageReaderSettings> = {}): string {
  try {
    read(message, settings);
  } catch (error) {
    should(error).match({ name: 'MlError' });
    return (error as Error).message;
  }
  throw new Error('The message was read, though it should not be.');
}

describe('one message a reading', () => {
  it('may be an object of numbers, nested or not', () => {
    read({
      payload: { flow: 41.5, motor: { current: 12, bearing: { temperature: 55 } } },
      topic: 'pump-07',
    }).should.eql([
      {
        device: 'pump-07',
        timestampMs: NOW,
        values: { flow: 41.5, 'motor.current': 12, 'motor.bearing.temperature': 55 },
      },
    ]);
  });

  it('counts numeric text and booleans as numbers, and everything else as missing', () => {
    valuesOf({
      text: ' -12.5e1 ',
      on: true,
      off: false,
      big: 12n,
      hex: '0x10',
      comma: '3,5',
      empty: '',
      word: 'running',
      none: null,
      nan: NaN,
      infinite: -Infinity,
      overflow: 1e200,
      list: [1, 2],
      bytes: Buffer.from('1'),
      when: new Date(0),
    }).should.eql({ text: -125, on: 1, off: 0, big: 12 });
  });

  it('is a reading without values where a device measures nothing now', () => {
    read({ payload: { flow: null, state: 'stopped' } }).should.eql([
      { device: 'default', timestampMs: NOW, values: {} },
    ]);
  });

  it('may be a number, as number, text or buffer', () => {
    for (const payload of [41.5, '41.5', ' 41.5\n', Buffer.from('41.5')]) {
      valuesOf(payload).should.eql({ value: 41.5 });
      valuesOf(payload, { fieldNames: ['flow'] }).should.eql({ flow: 41.5 });
    }
    valuesOf('true').should.eql({ value: 1 });
  });

  it('may be JSON text, also in a buffer', () => {
    const text = '{"flow": 41.5, "motor": {"current": "12"}}';
    for (const payload of [text, Buffer.from(text), Buffer.from(`\ufeff${text}`), new TextEncoder().encode(text)]) {
      valuesOf(payload).should.eql({ flow: 41.5, 'motor.current': 12 });
    }
  });

  it('may be a bare array of numbers with the names given in the node', () => {
    const fieldNames = ['flow', 'pressure', 'running'];
    for (const payload of [[41.5, '2.1', true], '[41.5, "2.1", true]', new Float64Array([41.5, 2.1, 1])]) {
      valuesOf(payload, { fieldNames }).should.eql({ flow: 41.5, pressure: 2.1, running: 1 });
    }
    valuesOf([41.5, null, 1], { fieldNames }).should.eql({ flow: 41.5, running: 1 });
    valuesOf(new Uint16Array([7, 8, 9]), { fieldNames }).should.eql({ flow: 7, pressure: 8, running: 9 });
  });

  it('may be a batch, each row with its own device and time if it has them', () => {
    const payload = [
      { device: 'pump-01', timestamp: '2026-05-03T14:00:00Z', flow: 1, label: 'normal' },
      { device: 'pump-02', ts: 1777816801, flow: 2, label: 'cavitation' },
      { flow: 3 },
    ];
    read({ payload, device: 'plant', timestamp: NOW - SECOND }).should.eql([
      { device: 'pump-01', timestampMs: Date.UTC(2026, 4, 3, 14), values: { flow: 1 }, label: 'normal' },
      { device: 'pump-02', timestampMs: 1777816801000, values: { flow: 2 }, label: 'cavitation' },
      { device: 'plant', timestampMs: NOW - SECOND, values: { flow: 3 } },
    ]);
  });

  it('may be a batch of arrays, when the names are given', () => {
    read(
      {
        payload: [
          [1777816800, 1, 2],
          [1777816801, 3, null],
        ],
      },
      { fieldNames: ['time', 'flow', 'pressure'] },
    ).should.eql([
      { device: 'default', timestampMs: 1777816800000, values: { flow: 1, pressure: 2 } },
      { device: 'default', timestampMs: 1777816801000, values: { flow: 3 } },
    ]);
  });

  it('never takes the time, the device or the label for a field', () => {
    valuesOf({ timestamp: NOW, time: 1, ts: 2, device: 7, label: 1, flow: 3 }).should.eql({ flow: 3 });
  });

  it('takes 0 as the label of normal readings, as many data sets do', () => {
    const labels = [0, '0', false, 'Normal', 1, true, 'leak', '', null].map((label) => {
      const [reading] = new MessageReader().read({ payload: { flow: 1, label } }, NOW);
      return reading!.label;
    });
    labels.should.eql(['normal', 'normal', 'normal', 'normal', '1', '1', 'leak', undefined, undefined]);
  });
});

describe('the time of a reading', () => {
  const expected = Date.UTC(2026, 4, 3, 12, 2, 3);
  const writings: [string, unknown, number][] = [
    ['ISO 8601 in UTC', '2026-05-03T12:02:03Z', expected],
    ['ISO 8601 with an offset', '2026-05-03T14:02:03+02:00', expected],
    ['ISO 8601 with an offset without a colon', '2026-05-03T14:02:03.000+0200', expected],
    ['ISO 8601 without a zone, which is UTC', '2026-05-03 12:02:03', expected],
    ['ISO 8601 with more digits than milliseconds', '2026-05-03T12:02:03.250499999Z', expected + 250],
    ['a day', '2026-05-03', Date.UTC(2026, 4, 3)],
    ['seconds', expected / 1000, expected],
    ['seconds with a fraction', expected / 1000 + 0.25, expected + 250],
    ['milliseconds', expected, expected],
    ['milliseconds as text', String(expected), expected],
    ['microseconds', expected * 1e3, expected],
    ['nanoseconds as a big integer', BigInt(expected) * 1_000_000n, expected],
    ['a Date', new Date(expected), expected],
  ];
  for (const [writing, timestamp, timestampMs] of writings) {
    it(`may be written as ${writing}`, () => {
      read({ payload: { flow: 1, timestamp } }).should.eql([{ device: 'default', timestampMs, values: { flow: 1 } }]);
      read({ payload: { flow: 1 }, timestamp })[0]!.should.match({ timestampMs });
    });
  }

  it('is that of the reading, else that of the message, else now', () => {
    const message = { timestamp: NOW - SECOND };
    read({ ...message, payload: { flow: 1, ts: null, time: '', timestamp: NOW - 2 * SECOND } })[0]!.should.match({
      timestampMs: NOW - 2 * SECOND,
    });
    read({ ...message, payload: { flow: 1, time: null } })[0]!.should.match({ timestampMs: NOW - SECOND });
    read({ payload: { flow: 1 }, timestamp: '' })[0]!.should.match({ timestampMs: NOW });
  });

  it('must make sense: an unreadable one is an error, not silently now', () => {
    problemOf({ payload: { flow: 1, timestamp: 'pump 7' } }).should.match(/"timestamp" must be a time.*got "pump 7"/);
    problemOf({ payload: { flow: 1, ts: true } }).should.match(/"ts" must be a time.*got true/);
    problemOf({ payload: { flow: 1, time: new Date(NaN) } }).should.match(/"time" must be a time/);
    problemOf({ payload: 1, timestamp: {} }).should.match(/msg\.timestamp must be a time/);
    problemOf({ payload: [{ flow: 1 }, { flow: 1, time: '25:00' }] }).should.match(
      /^In reading 2 of 2: "time" must be/,
    );
  });
});

describe('the device of a reading', () => {
  const topicPattern = 'site/{device}/state';
  const topic = 'site/pump-07/state';

  it('is what the node says, else what the payload says, the topic pattern, the topic, default', () => {
    const payload = { flow: 1, device: 'from-payload' };
    const deviceOf = (message: ReadingMessage, settings = {}): string =>
      new MessageReader(settings).read(message, NOW)[0]!.device;
    deviceOf({ payload, topic, device: 'from-node' }, { topicPattern }).should.equal('from-node');
    deviceOf({ payload, topic, device: '' }, { topicPattern }).should.equal('from-payload');
    deviceOf({ payload: { flow: 1 }, topic }, { topicPattern }).should.equal('pump-07');
    deviceOf({ payload: { flow: 1 }, topic }).should.equal(topic);
    deviceOf({ payload: { flow: 1 }, topic: ' ' }).should.equal('default');
    deviceOf({ payload: { flow: 1 }, device: 7 }).should.equal('7');
  });

  it('is text of bounded length, and not the name that stands for all', () => {
    problemOf({ payload: 1, device: {} }).should.match(/device must be text, got an object/);
    problemOf({ payload: 1, topic: 'x'.repeat(501) }).should.match(/may have 500 characters.*501/);
    problemOf({ payload: 1, device: '*' }).should.match(/stands for all devices/);
  });
});

describe('one message a tag', () => {
  const settings: Partial<MessageReaderSettings> = { topicPattern: 'site/{device}/{field}', maxAgeMs: 60 * SECOND };

  it('is held, and completes a reading on each change', () => {
    const reader = new MessageReader(settings);
    const send = (tag: string, payload: unknown, atMs: number): object[] =>
      reader.read({ topic: `site/${tag}`, payload }, atMs).map(plain);
    send('p1/flow', 41.5, NOW).should.eql([{ device: 'p1', timestampMs: NOW, values: { flow: 41.5 } }]);
    send('p2/flow', '7', NOW).should.eql([{ device: 'p2', timestampMs: NOW, values: { flow: 7 } }]);
    send('p1/pressure', Buffer.from('2.1'), NOW + SECOND).should.eql([
      { device: 'p1', timestampMs: NOW + SECOND, values: { flow: 41.5, pressure: 2.1 } },
    ]);
    // The flow is now too old to be held.
    send('p1/pressure', 2.2, NOW + 61 * SECOND).should.eql([
      { device: 'p1', timestampMs: NOW + 61 * SECOND, values: { pressure: 2.2 } },
    ]);
  });

  it('may carry its own time, more values below it, or stored values', () => {
    const topic = 'site/p1/flow';
    read({ topic, payload: { value: 3, ts: NOW - SECOND, quality: 192 } }, settings).should.eql([
      { device: 'p1', timestampMs: NOW - SECOND, values: { flow: 3 } },
    ]);
    read({ topic, payload: '{"low": 1, "high": {"high": 2}}' }, settings)[0]!.should.match({
      values: { 'flow.low': 1, 'flow.high.high': 2 },
    });
    const stored = [
      { value: 1, ts: NOW - 2 * SECOND },
      { value: 2, ts: NOW - SECOND },
    ];
    read({ topic, payload: stored }, settings).should.eql([
      { device: 'p1', timestampMs: NOW - 2 * SECOND, values: { flow: 1 } },
      { device: 'p1', timestampMs: NOW - SECOND, values: { flow: 2 } },
    ]);
  });

  it('takes the held value away with text that is no number, and passes over tags that are text', () => {
    const reader = new MessageReader(settings);
    const send = (field: string, payload: unknown): object[] =>
      reader.read({ topic: `site/p1/${field}`, payload }, NOW).map(plain);
    send('flow', 3);
    send('state', 'running').should.eql([]);
    send('label', 'normal').should.eql([]);
    send('flow', 'bad').should.eql([{ device: 'p1', timestampMs: NOW, values: {} }]);
  });

  it('completes a reading when the leading field comes', () => {
    const reader = new MessageReader({ ...settings, assemble: 'leading', leadingField: 'flow' });
    const send = (field: string, payload: number): object[] =>
      reader.read({ topic: `site/p1/${field}`, payload }, NOW).map(plain);
    send('pressure', 2).should.eql([]);
    send('current', 12).should.eql([]);
    send('flow', 41).should.eql([{ device: 'p1', timestampMs: NOW, values: { pressure: 2, current: 12, flow: 41 } }]);
  });

  it('completes a reading with each step, also for steps without a message while values are held', () => {
    const reader = new MessageReader({
      ...settings,
      assemble: 'step',
      assembleStepMs: 10 * SECOND,
      maxAgeMs: 25 * SECOND,
    });
    const send = (field: string, payload: number, atMs: number): object[] =>
      reader.read({ topic: `site/p1/${field}`, payload }, NOW + atMs).map(plain);
    send('flow', 1, 1 * SECOND).should.eql([]);
    send('pressure', 2, 2 * SECOND).should.eql([]);
    send('flow', 3, 9 * SECOND).should.eql([]);
    send('flow', 4, 10 * SECOND).should.eql([
      { device: 'p1', timestampMs: NOW + 10 * SECOND, values: { flow: 3, pressure: 2 } },
    ]);
    send('flow', 5, 55 * SECOND).should.eql([
      { device: 'p1', timestampMs: NOW + 20 * SECOND, values: { flow: 4, pressure: 2 } },
      { device: 'p1', timestampMs: NOW + 30 * SECOND, values: { flow: 4 } },
    ]);
    send('flow', 6, 61 * SECOND).should.eql([{ device: 'p1', timestampMs: NOW + 60 * SECOND, values: { flow: 5 } }]);
  });

  it('makes up a bounded number of steps for a device that was silent', () => {
    const reader = new MessageReader({ ...settings, assemble: 'step', assembleStepMs: 1, maxAgeMs: 1e15 });
    const topic = 'site/p1/flow';
    reader.read({ topic, payload: 1 }, 0);
    reader.read({ topic, payload: 2 }, NOW).length.should.equal(1000);
  });

  it('is never overwritten by an older one, and never makes time go back', () => {
    const reader = new MessageReader(settings);
    const send = (field: string, value: number, ts: number): object[] =>
      reader.read({ topic: `site/p1/${field}`, payload: { value, ts } }, NOW).map(plain);
    send('flow', 1, NOW);
    send('flow', 2, NOW - SECOND).should.eql([]);
    send('pressure', 3, NOW - SECOND).should.eql([
      { device: 'p1', timestampMs: NOW, values: { flow: 1, pressure: 3 } },
    ]);
  });

  it('starts anew when the clock of a device was put back', () => {
    const reader = new MessageReader(settings);
    const topic = 'site/p1/flow';
    reader.read({ topic, payload: { value: 1, ts: '2099-01-01' } }, NOW);
    const rows = Array.from({ length: 120 }, (_, i) => reader.read({ topic, payload: i }, NOW + i).length);
    rows.indexOf(1).should.equal(99);
    rows.slice(99).should.eql(Array(21).fill(1));
  });

  it('forgets the device that is silent for longest when there are too many, and says so', () => {
    const evicted: string[] = [];
    const reader = new MessageReader({ ...settings, maxDevices: 2, onEvicted: (device) => evicted.push(device) });
    for (const device of ['a', 'b', 'a', 'c']) reader.read({ topic: `site/${device}/flow`, payload: 1 }, NOW);
    evicted.should.eql(['b']);
    reader
      .read({ topic: 'site/a/pressure', payload: 2 }, NOW)
      .map(plain)
      .should.match([{ values: { flow: 1, pressure: 2 } }]);
  });

  it('is bounded in fields; those too old to be held make room', () => {
    const reader = new MessageReader(settings);
    const send = (i: number, atMs: number): unknown => reader.read({ topic: `site/p1/f${i}`, payload: i }, atMs);
    for (let i = 0; i < 500; i++) send(i, NOW);
    should(() => send(500, NOW)).throw(/"p1" has more than 500 fields; "f500" is one too many/);
    send(502, NOW + 61 * SECOND);
  });
});

describe('a topic pattern', () => {
  const match = (topicPattern: string, topic: string): object =>
    read({ topic, payload: 1 }, { topicPattern, fieldNames: ['n'] });

  it('takes levels by name, any level by + and the rest by #', () => {
    match('a/+/{device}/#', 'a/b/p1/x/y').should.match([{ device: 'p1', values: { n: 1 } }]);
    match('a/+/{device}/#', 'a/b/p1').should.match([{ device: 'p1' }]);
    match('/{field}/of/{device}', '/flow/of/p1').should.match([{ device: 'p1', values: { flow: 1 } }]);
  });

  it('joins the levels of a placeholder that comes twice', () => {
    match('{device}/{device}/{field}/{field}', 'line1/press/motor/current').should.match([
      { device: 'line1/press', values: { 'motor.current': 1 } },
    ]);
  });

  it('keeps the tags of one device together where it names no device', () => {
    match('plant/{field}', 'plant/flow').should.match([{ device: 'default', values: { flow: 1 } }]);
  });

  it('refuses a topic that does not fit, rather than making up a device', () => {
    for (const topic of ['site/p1', 'site/p1/flow/x', 'other/p1/flow', 'site//flow']) {
      problemOf({ topic, payload: 1 }, { topicPattern: 'site/{device}/{field}' }).should.match(
        /does not fit the topic pattern "site\/{device}\/{field}"/,
      );
    }
  });

  it('does not concern messages without a topic', () => {
    read({ payload: [{ device: 'p1', flow: 1 }] }, { topicPattern: 'site/{device}/{field}' }).should.match([
      { device: 'p1' },
    ]);
  });

  it('must be one that can be matched', () => {
    for (const topicPattern of ['a/#/b', 'site/{tag}', 'site/pump-{device}', 'a+/b']) {
      should(() => new MessageReader({ topicPattern })).throw(/cannot be used.*Example: site\/{device}\/{field}/);
    }
  });
});

describe('report by exception', () => {
  it('holds the fields of objects that say only what has changed', () => {
    const reader = new MessageReader({ reportByException: true });
    reader.read({ payload: { flow: 1, pressure: 2 }, topic: 'p1' }, NOW);
    reader
      .read({ payload: { flow: 3 }, topic: 'p1' }, NOW + SECOND)
      .map(plain)
      .should.eql([{ device: 'p1', timestampMs: NOW + SECOND, values: { flow: 3, pressure: 2 } }]);
    reader
      .read({ payload: { pressure: null }, topic: 'p1' }, NOW + 2 * SECOND)
      .map(plain)
      .should.match([{ values: { flow: 3 } }]);
  });

  it('is what Sparkplug B sends: births and data are of one device, and values are held', () => {
    const reader = new MessageReader();
    const birth = {
      timestamp: NOW,
      metrics: [
        { name: 'Motor/Current', value: 12, type: 'Double', timestamp: NOW },
        {
          name: 'flow',
          value: { low: 41, high: 0, unsigned: true },
          timestamp: { low: (NOW % 2 ** 32) | 0, high: Math.floor(NOW / 2 ** 32), unsigned: true },
        },
        { name: 'state', value: 'running', timestamp: NOW },
      ],
      seq: 0,
    };
    reader
      .read({ payload: birth, topic: 'spBv1.0/plant/DBIRTH/edge/p1' }, NOW)
      .map(plain)
      .should.eql([{ device: 'plant/edge/p1', timestampMs: NOW, values: { 'Motor/Current': 12, flow: 41 } }]);
    const data = [{ name: 'flow', value: 42, timestamp: NOW + SECOND }];
    reader
      .read({ payload: data, topic: 'spBv1.0/plant/DDATA/edge/p1' }, NOW)
      .map(plain)
      .should.match([{ device: 'plant/edge/p1', values: { 'Motor/Current': 12, flow: 42 } }]);
    reader.read({ payload: { metrics: [] }, topic: 'spBv1.0/plant/DDATA/edge/p1' }, NOW).should.eql([]);
  });

  it('may bring stored values later, several of one name', () => {
    const metrics = [
      { name: 'flow', value: 3, timestamp: NOW + 2 * SECOND },
      { name: 'flow', value: 1, timestamp: NOW },
      { name: 'pressure', value: 2, timestamp: NOW },
      { name: 'flow', value: 2, timestamp: NOW + SECOND, isNull: true },
    ];
    read({ payload: { metrics }, device: 'p1' }).should.eql([
      { device: 'p1', timestampMs: NOW, values: { flow: 1, pressure: 2 } },
      { device: 'p1', timestampMs: NOW + SECOND, values: { pressure: 2 } },
      { device: 'p1', timestampMs: NOW + 2 * SECOND, values: { flow: 3, pressure: 2 } },
    ]);
  });

  it('needs names: aliases mean nothing alone', () => {
    problemOf({ payload: { metrics: [{ alias: 3, value: 1 }] } }).should.match(
      /let the Sparkplug node resolve aliases/,
    );
  });
});

describe('a payload that is no reading', () => {
  const problems: [unknown, RegExp][] = [
    [undefined, /has no payload\. Expected an object of numbers/],
    [null, /has no payload/],
    ['', /is the text "".*Expected/],
    ['hello', /is the text "hello"/],
    ['{"flow": 1', /JSON with a mistake in it/],
    ['"hello"', /is JSON of the text "hello"/],
    ['null', /has no payload/],
    [NaN, /The payload is NaN/],
    [{}, /no number in the payload: it has no fields/],
    [{ a: { b: 'x' } }, /no number in the payload: "a\.b" holds none/],
    [{ state: 'on', mode: 'auto' }, /no number in the payload: "state", "mode" hold none/],
    [[], /an empty array/],
    [[1, 2, 3], /3 numbers came without names, but no field names are given/],
    [
      [
        [1, 2],
        [3, 4],
      ],
      /array of arrays\. Give the field names/,
    ],
    [[{ flow: 1 }, 2], /In reading 2 of 2: expected an object, got 2/],
    [[{ flow: 1 }, null], /In reading 2 of 2: expected an object, got null/],
    [Buffer.from([0, 1, 2, 255]), /buffer of 4 bytes that hold no text/],
    [(): number => 1, /The payload is a function/],
    [Symbol('x'), /The payload is Symbol\(x\)/],
    [new Date(0), /Expected/],
  ];
  for (const [payload, sentence] of problems) {
    it(`is refused with a sentence: ${sentence.source}`, () => {
      problemOf({ payload }).should.match(sentence);
    });
  }

  it('is refused where numbers and names do not match', () => {
    const fieldNames = ['flow', 'pressure'];
    problemOf({ payload: 1 }, { fieldNames }).should.match(/One number came, but the field names given are 2/);
    problemOf({ payload: [1, 2, 3] }, { fieldNames }).should.match(
      /3 numbers came without names, but the field names given are 2/,
    );
    problemOf({ payload: [[1, 2], [3]] }, { fieldNames }).should.match(/In reading 2 of 2: One number came/);
    problemOf({ payload: [[1, 2], {}] }, { fieldNames }).should.match(/expected an array of 2 numbers, got an object/);
  });
});

describe('settings for messages', () => {
  it('are refused where they make no sense', () => {
    const of = (settings: object) => () => new MessageReader(settings);
    should(of({ assemble: 'never' })).throw(/by change, step, leading, got "never"/);
    should(of({ assemble: 'leading' })).throw(/name that field/);
    should(of({ maxAgeMs: 0 })).throw(/maxAgeMs must be at least 1, got 0/);
    should(of({ maxDevices: NaN })).throw(/maxDevices must be at least 1, got NaN/);
  });
});

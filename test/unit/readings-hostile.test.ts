import fc from 'fast-check';
import should from 'should';
import type { Pipeline } from '#lib/core/pipeline';
import type { Reading } from '#lib/core/readings';
import { FeatureStream } from '#lib/readings/feature-stream';
import { fitPipeline } from '#lib/readings/fit-pipeline';
import { MessageReader, type MessageReaderSettings, type ReadingMessage } from '#lib/readings/message-reader';
import { toReadingTables } from '#lib/readings/reading-tables';

const NOW = Date.UTC(2026, 4, 3);

const name = fc.oneof(
  fc.constantFrom('flow', 'pressure', 'timestamp', 'time', 'ts', 'device', 'label', 'metrics', 'name', 'value'),
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'low', 'high', 'a.b'),
  fc.string({ maxLength: 5 }),
);
const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.double() },
  fc.integer(),
  fc.constantFrom(1e308, -1e308, 5e-324, -0, 2 ** 53, NOW, NOW / 1000, 8.64e15, 8.65e15),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.string(),
  fc.double().map(String),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('2026-05-03T14:02:00Z', '2026-05-03', 'normal', '*', '12:30', '9'.repeat(70)),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('tree'), { maxLength: 6 }),
  object: fc.array(fc.tuple(name, tie('tree')), { maxLength: 6 }).map(objectOf),
}));
const flat = fc.array(fc.tuple(name, leaf), { maxLength: 6 }).map(objectOf);
const metric = fc.record({ name: fc.string({ maxLength: 4 }), value: leaf, timestamp: leaf });
const payload = fc.oneof(
  tree,
  flat,
  fc.array(flat, { maxLength: 6 }),
  fc.array(fc.array(fc.double(), { minLength: 2, maxLength: 2 }), { maxLength: 5 }),
  fc.array(metric, { maxLength: 5 }),
  fc.record({ metrics: fc.array(metric, { maxLength: 5 }), timestamp: leaf }),
  fc.json(),
  fc.json().map((text) => Buffer.from(text)),
  fc.json().map((text) => text.slice(0, -1)),
  fc.float64Array({ maxLength: 4 }),
);
const topic = fc.oneof(
  fc.constantFrom('site/p1/flow', 'site/p1/__proto__', 'site/p2/label', 'spBv1.0/g/DDATA/e/d', undefined, ''),
  fc.string(),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 }).map((levels) => levels.join('/')),
  leaf,
);
const message: fc.Arbitrary<ReadingMessage> = fc.record(
  { payload, topic, timestamp: fc.oneof(fc.constant(undefined), leaf), device: fc.oneof(fc.constant(undefined), tree) },
  { requiredKeys: ['payload'] },
);

/** An object with the names as own members, `__proto__` too, as `JSON.parse` makes it. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** What a reader makes of messages: readings that are in order, or a sentence. */
function readAll(reader: MessageReader, messages: readonly ReadingMessage[]): { readings: Reading[]; refused: number } {
  const all: Reading[] = [];
  let refused = 0;
  for (const each of messages) {
    try {
      all.push(...reader.read(each, NOW));
    } catch (error) {
      refused++;
      if ((error as Error).name !== 'MlError') throw error;
      if (!/^[A-Z"0-9m].{15,}[.!]$/su.test((error as Error).message)) {
        throw new Error(`No sentence: ${(error as Error).message}`, { cause: error });
      }
    }
  }
  for (const { device, timestampMs, values, label } of all) {
    if (device === '' || device === '*' || device.length > 500) throw new Error(`Device ${device}`);
    if (!Number.isInteger(timestampMs) || Number.isNaN(new Date(timestampMs).getTime()))
      throw new Error(`Time ${timestampMs}`);
    if (label === '') throw new Error('An empty label');
    for (const [field, value] of values) {
      if (!Number.isFinite(value) || Object.is(value, -0)) throw new Error(`${field} is ${value}`);
      if (['', '__proto__', 'label', 'timestamp', 'time', 'ts'].includes(field)) throw new Error(`The field ${field}`);
    }
  }
  return { readings: all, refused };
}

const settings: [string, Partial<MessageReaderSettings>][] = [
  ['whole messages', {}],
  ['names for numbers', { fieldNames: ['flow', '__proto__'] }],
  ['one message a tag', { topicPattern: 'site/{device}/{field}', maxDevices: 3 }],
  ['tags at a step', { topicPattern: '+/{device}/{field}', assemble: 'step', maxAgeMs: 100_000 }],
  ['a leading tag', { topicPattern: '{device}/#', assemble: 'leading', leadingField: 'flow', reportByException: true }],
];

describe('whatever arrives in a message', () => {
  for (const [what, setting] of settings) {
    it(`ends in readings of finite numbers or in a sentence, with ${what}`, () => {
      let [made, refused] = [0, 0];
      fc.assert(
        fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
          const result = readAll(new MessageReader(setting), messages);
          made += result.readings.length;
          refused += result.refused;
        }),
        { seed: 1, numRuns: 1500 },
      );
      made.should.be.above(30);
      refused.should.be.above(200);
    });
  }

  it('ends in finite features, or in a sentence, when it is trained on or scored', () => {
    const everything = {
      field: '',
      window: 3,
      mean: true,
      deviation: true,
      minimum: true,
      maximum: true,
      lags: [1],
      rate: true,
    };
    let fitted = 0;
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0, 1, 1e9),
        (messages, stepMs) => {
          const { readings } = readAll(new MessageReader({ reportByException: true }), messages);
          let pipeline: Pipeline;
          try {
            const made = fitPipeline(toReadingTables(readings), {
              features: [everything],
              hourOfDay: true,
              stepMs,
              timeZone: 'Europe/Berlin',
            });
            if (!made.x.data.every(Number.isFinite)) throw new Error('A training value is not finite.');
            ({ pipeline } = made);
            fitted++;
          } catch (error) {
            if ((error as Error).name !== 'MlError') throw error;
            return;
          }
          JSON.stringify(pipeline).should.not.match(/null/);
          const stream = new FeatureStream(pipeline);
          for (const reading of readings.reverse()) {
            const row = stream.push(reading);
            if (row && !row.values.every(Number.isFinite)) throw new Error('A live value is not finite.');
          }
          FeatureStream.restore(pipeline, JSON.parse(JSON.stringify(stream.snapshot())) as never)
            .snapshot()
            .should.eql(stream.snapshot());
        },
      ),
      { seed: 1, numRuns: 600 },
    );
    fitted.should.be.above(50);
  });

  it('cannot touch the prototype of objects', () => {
    const text =
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 2}}, "a": {"__proto__": 3, "b": 4}}';
    const [reading] = new MessageReader().read({ payload: text }, NOW);
    [...reading!.values].should.eql([
      ['constructor.prototype.polluted', 2],
      ['a.b', 4],
    ]);
    should(({} as { polluted?: unknown }).polluted).be.undefined();
    new MessageReader({ topicPattern: '{device}/{field}' })
      .read({ payload: 1, topic: 'constructor/toString' }, NOW)[0]!
      .should.match({ device: 'constructor', values: new Map([['toString', 1]]) });
  });

  it('may hold itself, or throw when it is looked at', () => {
    const circle: Record<string, unknown> = { flow: 1 };
    for (const key of 'abcdef') circle[key] = circle;
    const trap = Object.defineProperty({}, 'flow', {
      enumerable: true,
      get: () => {
        throw new Error('gone');
      },
    });
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new TypeError('revoked');
        },
      },
    );
    const problems: [unknown, RegExp][] = [
      [circle, /nested 10 levels deep/],
      [trap, /cannot be read: gone/],
      [proxy, /cannot be read: revoked/],
    ];
    for (const [payload, sentence] of problems) {
      should(() => new MessageReader().read({ payload }, NOW)).throw(sentence);
    }
  });
});

describe('a payload that is too large', () => {
  const object = (count: number, value: unknown): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, value]));
  let deep: object = { flow: 1 };
  for (let i = 0; i < 10_000; i++) deep = { deep };
  const huge: [string, () => unknown, RegExp][] = [
    ['text that is no number', () => 'x'.repeat(10_000_000), /is the text "x+…"/],
    ['digits', () => '1'.repeat(10_000_000), /The payload is Infinity/],
    ['broken JSON', () => `{"a":[${'1,'.repeat(5_000_000)}`, /JSON with a mistake in it/],
    ['JSON of brackets', () => `${'['.repeat(5_000_000)}${']'.repeat(5_000_000)}`, /array of arrays/],
    ['JSON of many fields', () => JSON.stringify(object(700_000, 1)), /may have 500 numeric fields/],
    ['a buffer of zeros', () => Buffer.alloc(10_000_000), /hold no text/],
    ['more text than is read', () => ' '.repeat(40_000_000), /40000000 characters; at most 33554432/],
    ['more bytes than are read', () => Buffer.alloc(40_000_000), /40000000 bytes; at most/],
    ['more members than are looked at', () => object(10_001, 'text'), /may have 10000 members/],
    [
      'a longer name than a field may have',
      () => ({ ['x'.repeat(10_000_000)]: 1 }),
      /name of a field may have 200 characters/,
    ],
    [
      'more rows than a message may have',
      () => Array<object>(100_001).fill({ flow: 1 }),
      /an array of 100001; at most 100000/,
    ],
    [
      'more values than a message may have',
      () => Array<object>(100_000).fill(object(21, 1)),
      /may hold 2000000 values/,
    ],
    ['many numbers without names', () => Array<number>(100_000).fill(1), /100000 numbers came without names/],
    ['deep nesting', () => deep, /nested 10 levels deep/],
  ];
  for (const [what, make, sentence] of huge) {
    it(`is refused quickly: ${what}`, () => {
      const payload = make();
      const start = performance.now();
      should(() => new MessageReader().read({ payload }, NOW)).throw(sentence);
      // Far from what it takes, and far below what would be noticed as hanging.
      (performance.now() - start).should.be.below(8000);
    });
  }

  it('is read where it is a large, but sensible batch: 10 MB of JSON', () => {
    const row = { timestamp: '2026-05-03T14:02:00Z', flow: 41.123456789, pressure: 2.123456789, current: 12.123456789 };
    const text = JSON.stringify(Array(100_000).fill(row));
    text.length.should.be.above(10_000_000);
    new MessageReader().read({ payload: text }, NOW).length.should.equal(100_000);
  });
});

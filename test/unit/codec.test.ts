import fc from 'fast-check';
import should from 'should';
import type { Artifact } from '#lib/core/artifact';
import { decodeArtifact, encodeArtifact } from '#lib/core/codec';
import type { Json, JsonObject } from '#lib/core/json';
import { MAX_SEALED_LENGTH, seal } from '#lib/core/sealed';
import type { TensorData } from '#lib/core/tensor';
import { makeArtifact } from '../support/artifact';

const FORMAT = { format: 'flowsight-ml-model', version: 1, what: 'model' };

/** The text of an artifact whose content was changed by someone who also made the checksum right. */
function forged(change: (body: Record<string, Json>) => void): string {
  const { body } = JSON.parse(encodeArtifact(makeArtifact())) as { body: Record<string, Json> };
  change(body);
  return seal(FORMAT, body);
}

function bytesOf(data: TensorData): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

describe('artifact codec', () => {
  it('gives back what was stored', () => {
    const artifact = makeArtifact();
    decodeArtifact(encodeArtifact(artifact)).should.eql(artifact);
  });

  it('keeps every bit of every kind of tensor', () => {
    const bytes = Uint8Array.from({ length: 48 }, (_, i) => (i * 73 + 200) % 256).buffer;
    const types = [Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array];
    for (const type of types) {
      // A view into the middle of a larger buffer: only its own bytes may be stored.
      const data = new type(bytes, 8, 2);
      const state = { scalars: {}, tensors: { x: { shape: [2, 1], data } } };
      const { x } = decodeArtifact(encodeArtifact(makeArtifact({ state }))).state.tensors;
      x!.shape.should.eql([2, 1]);
      x!.data.should.be.instanceof(type);
      bytesOf(x!.data).equals(bytesOf(data)).should.be.true();
    }
  });

  it('stores tensors little-endian', () => {
    const state = { scalars: {}, tensors: { x: { shape: [1], data: Uint16Array.of(0x0102) } } };
    const text = encodeArtifact(makeArtifact({ state }));
    const base64 = Buffer.from([0x02, 0x01]).toString('base64');
    text.should.containEql(`{"data":"${base64}","dtype":"uint16","shape":[1]}`);
  });

  it('gives equal artifacts equal texts, whatever the order of their members', () => {
    const artifact = makeArtifact();
    const turned = Object.fromEntries(Object.entries(artifact).reverse()) as unknown as Artifact;
    encodeArtifact(turned).should.equal(encodeArtifact(artifact));
  });

  it('lets through members that a later version of the package may have added', () => {
    const text = forged((body) => (body.comment = 'new'));
    decodeArtifact(text).should.have.property('comment', 'new');
  });

  describe('refuses', () => {
    const refusals: Record<string, [text: () => string, message: RegExp]> = {
      'a text that was cut off': [
        () => encodeArtifact(makeArtifact()).slice(0, -100),
        /damaged: it is not complete JSON/,
      ],
      'an empty text': [() => '', /damaged: it is not complete JSON/],
      'other JSON': [() => '{"a":1}', /not a model of this package/],
      'a changed number': [
        () => encodeArtifact(makeArtifact()).replace('"rows":1500', '"rows":1501'),
        /checksum is wrong. Take it from a backup or train again/,
      ],
      'a newer format': [
        () => encodeArtifact(makeArtifact()).replace('"formatVersion":1', '"formatVersion":2'),
        /newer version of this package \(format 2, this one reads up to 1\): update/,
      ],
      'a member named __proto__': [
        () => encodeArtifact(makeArtifact()).replace('"nested":{', '"nested":{"__proto__":{"polluted":1},'),
        /a member named __proto__/,
      ],
      'an escaped __proto__': [
        () => encodeArtifact(makeArtifact()).replace('"nested":{', '"nested":{"\\u005f_proto__":1,'),
        /a member named __proto__/,
      ],
      'a text longer than the limit': [() => ' '.repeat(MAX_SEALED_LENGTH + 1), /too large/],
      'deep nesting': [() => '['.repeat(1e6), /nested deeper than 32/],
      'millions of values': [() => `[${'1,'.repeat(1.1e6)}1]`, /more than 1000000 values/],
      'a missing member': [() => forged((body) => delete body.createdMs), /model\.createdMs must be .*, got nothing/],
      'a member of the wrong type': [
        () => forged((body) => ((body.pipeline as Record<string, Json>).fields = [1])),
        /model\.pipeline\.fields\[0\] must be text/,
      ],
      'an unknown kind of feature': [
        () => forged((body) => ((body.pipeline as Record<string, Json>).features = [{ kind: 'magic' }])),
        /features\[0\]\.kind must be "value" or "window"/,
      ],
      'a shape that asks for memory its data does not fill': [
        () =>
          forged((body) => {
            const tensors = { x: { dtype: 'float64', shape: [2 ** 40], data: 'AAAA' } };
            body.state = { scalars: {}, tensors };
          }),
        /tensors\.x does not fit its shape \[1099511627776\] of float64/,
      ],
      'a tensor of unknown numbers': [
        () => forged((body) => (body.state = { scalars: {}, tensors: { x: { dtype: 'int8', shape: [0], data: '' } } })),
        /dtype must be one of float64, .*, got "int8"/,
      ],
      'data that is not base64': [
        () =>
          forged(
            (body) => (body.state = { scalars: {}, tensors: { x: { dtype: 'uint8', shape: [3], data: '....' } } }),
          ),
        /not valid base64/,
      ],
      'a thousand and one tensors': [
        () =>
          forged((body) => {
            const empty = { dtype: 'uint8', shape: [0], data: '' };
            body.state = {
              scalars: {},
              tensors: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, empty])),
            };
          }),
        /at most 1000 members/,
      ],
    };
    for (const [what, [text, message]] of Object.entries(refusals)) {
      it(what, () => {
        should(() => decodeArtifact(text())).throw(message);
      });
    }

    it('a number that JSON reads as infinite', () => {
      const text = encodeArtifact(makeArtifact()).replace('"spread":0.1', '"spread":1e999');
      should(() => decodeArtifact(text)).throw(/nested\.spread is Infinity/);
    });
  });

  it('refuses to store what JSON would change silently, and says where it stands', () => {
    const withScalar = (value: unknown): Artifact =>
      makeArtifact({ state: { scalars: { a: { b: value as Json } }, tensors: {} } });
    for (const value of [NaN, Infinity, undefined, new Date(0), () => 1, 1n, new Map()]) {
      should(() => encodeArtifact(withScalar(value))).throw(/model\.state\.scalars\.a\.b is/);
    }
    const hostile = JSON.parse('{"__proto__":{"polluted":1}}') as JsonObject;
    should(() => encodeArtifact(withScalar(hostile))).throw(/__proto__/);
  });

  it('refuses tensors whose shape and data disagree', () => {
    const tensors = { x: { shape: [2, 3], data: Float64Array.of(1) } };
    should(() => encodeArtifact(makeArtifact({ state: { scalars: {}, tensors } }))).throw(
      /state\.tensors\.x has 1 numbers, its shape \[2, 3\] says otherwise/,
    );
  });

  it('stores −0 outside tensors as 0', () => {
    const { state } = decodeArtifact(encodeArtifact(makeArtifact({ state: { scalars: { zero: -0 }, tensors: {} } })));
    Object.is(state.scalars.zero, 0).should.be.true();
  });

  it('notices any damage: a cut anywhere, any bit turned', () => {
    const whole = Buffer.from(encodeArtifact(makeArtifact()));
    const damage = fc.oneof(
      fc.record({ cut: fc.nat(whole.length - 1) }),
      fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }),
    );
    const property = fc.property(damage, (how) => {
      const bytes = 'cut' in how ? whole.subarray(0, how.cut) : Buffer.from(whole);
      if ('at' in how) bytes[how.at]! ^= 1 << how.bit;
      should(() => decodeArtifact(bytes.toString('utf8'))).throw({ name: 'MlError', code: 'ARTIFACT' });
    });
    fc.assert(property, { seed: 1, numRuns: 2000 });
    should(({} as { polluted?: unknown }).polluted).be.undefined();
  });
});

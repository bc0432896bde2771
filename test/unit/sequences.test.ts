import fc from 'fast-check';
import should from 'should';
import type { Reading } from '#lib/core/readings';
import { partOf, Sequences, type Part } from '#lib/training/sequences';

const limits = { maxPending: 2, maxReadings: 100, timeoutMs: 1000 };
const readings = (...values: number[]): Reading[] =>
  values.map((value) => ({ device: 'd', timestampMs: value, values: new Map([['x', value]]) }));
const times = (complete: readonly Reading[] | null): number[] | undefined =>
  complete?.map(({ timestampMs }) => timestampMs);

describe('what a message says of its sequence', () => {
  it('is read from msg.parts and msg.complete', () => {
    should(partOf({ parts: { id: 'a', index: 1, count: 3 } })).eql({ id: 'a', index: 1, count: 3, last: false });
    should(partOf({ parts: { id: 7 }, complete: true })).eql({ id: '7', last: true });
    should(partOf({ complete: true })).eql({ id: '', last: true });
    should(partOf({ complete: false })).be.undefined();
    should(partOf({})).be.undefined();
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (parts, complete) => {
        const part = partOf({ parts, complete });
        if (part !== undefined) part.id.should.be.a.String();
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('sequences', () => {
  it('are put together in the order of their index, whatever the order in which the parts come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
        const sequences = new Sequences(limits);
        const results = order.map((index) =>
          sequences.add({ id: 'a', index, count: 5, last: false }, readings(index, index + 0.5), 0),
        );
        results.slice(0, 4).should.eql([null, null, null, null]);
        should(times(results[4]!)).eql([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]);
        sequences.pending.should.equal(0);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('may be mixed with one another', () => {
    const sequences = new Sequences(limits);
    const part = (id: string, index: number): Part => ({ id, index, count: 2, last: false });
    should(sequences.add(part('a', 0), readings(1), 0)).be.null();
    should(sequences.add(part('b', 1), readings(12), 0)).be.null();
    should(times(sequences.add(part('a', 1), readings(2), 0))).eql([1, 2]);
    should(times(sequences.add(part('b', 0), readings(11), 0))).eql([11, 12]);
  });

  it('end with msg.complete where nobody knows how many parts there are', () => {
    const sequences = new Sequences(limits);
    should(sequences.add({ id: '', last: false }, readings(1), 0)).be.null();
    should(sequences.add({ id: '', last: false }, readings(2), 0)).be.null();
    should(times(sequences.add({ id: '', last: true }, [], 0))).eql([1, 2]);
  });

  it('end with a msg.complete that names no sequence where only one is open', () => {
    const sequences = new Sequences(limits);
    sequences.add({ id: 'a', index: 0, last: false }, readings(1), 0);
    should(times(sequences.add({ id: '', last: true }, readings(2), 0))).eql([1, 2]);
  });

  it('take a part that comes twice once', () => {
    const sequences = new Sequences(limits);
    for (let i = 0; i < 500; i++) sequences.add({ id: 'a', index: 0, count: 2, last: false }, readings(1), 0);
    should(times(sequences.add({ id: 'a', index: 1, count: 2, last: false }, readings(2), 0))).eql([1, 2]);
  });

  it('are given up when nothing more comes', () => {
    const sequences = new Sequences(limits);
    sequences.add({ id: 'old', index: 0, count: 3, last: false }, readings(1), 0);
    sequences.add({ id: 'new', index: 0, last: false }, readings(1), 500);
    sequences.expire(999).should.eql([]);
    sequences.expire(1000).should.eql([{ id: 'old', received: 1, count: 3 }]);
    sequences.pending.should.equal(1);
  });

  it('are bounded in number and in readings, and what is too much is dropped', () => {
    const sequences = new Sequences(limits);
    sequences.add({ id: 'a', last: false }, readings(1), 0);
    sequences.add({ id: 'b', last: false }, readings(1), 0);
    should(() => sequences.add({ id: 'c', last: false }, [], 0)).throw({
      code: 'LIMIT',
      message: /2 sequences are open/,
    });
    const many = readings(...Array.from({ length: 99 }, (_, i) => i));
    should(() => sequences.add({ id: 'b', last: false }, many, 0)).throw({
      code: 'LIMIT',
      message: /at most 100 readings/,
    });
    sequences.pending.should.equal(1);
    should(times(sequences.add({ id: 'b', last: true }, many, 0))?.length).equal(99);
  });
});

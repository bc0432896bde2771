import fc from 'fast-check';
import should from 'should';
import { isMlError } from '#lib/core/errors';
import type { Reading } from '#lib/core/readings';
import { Intake, TRAINING_SOURCES } from '#lib/training/intake';

const readings = (count: number): Reading[] =>
  Array.from({ length: count }, (_, i) => ({ device: 'd', timestampMs: i, values: new Map([['x', i]]) }));

describe('what a message asks ml-train for', () => {
  it('is to train at once on a batch', () => {
    const batch = { kind: 'batch', readings: readings(2) };
    new Intake('batch').take({ payload: {} }, readings(2), 0).should.eql(batch);
    new Intake('auto').take({ payload: [{}, {}] }, readings(2), 0).should.eql(batch);
  });

  it('is to collect a reading, or every reading of a stream', () => {
    const one = { kind: 'collect', readings: readings(1), inAlarm: [false] };
    new Intake('auto').take({ payload: {} }, readings(1), 0).should.eql(one);
    new Intake('stream').take({ payload: [{}] }, readings(1), 0).should.eql(one);
  });

  it('carries the verdicts of ml-detect along', () => {
    const intake = new Intake('stream');
    const collected = (anomaly: unknown, count: number): unknown =>
      (intake.take({ payload: [], anomaly }, readings(count), 0) as { inAlarm: unknown }).inAlarm;
    should(collected({ isAnomaly: true }, 1)).eql([true]);
    should(collected({ isAnomaly: false }, 1)).eql([false]);
    should(collected([{ isAnomaly: true }, { isAnomaly: false }, null], 3)).eql([true, false, false]);
    should(collected({ isAnomaly: true }, 2)).eql([true, true]);
    should(collected('yes', 2)).eql([false, false]);
  });

  it('is to train on a sequence when it is complete', () => {
    const intake = new Intake('sequence');
    const parts = (index: number): object => ({ id: 'a', index, count: 2 });
    intake.take({ payload: 1, parts: parts(1) }, readings(1), 0).should.eql({ kind: 'wait' });
    intake
      .take({ payload: 1, parts: parts(0) }, readings(2), 0)
      .should.eql({ kind: 'batch', readings: [...readings(2), ...readings(1)] });
    should(() => intake.take({ payload: 1 }, readings(1), 0)).throw(/must have msg.parts, or msg.complete/);
  });

  it('may be only to end a sequence', () => {
    new Intake('sequence').endsSequence({ complete: true }).should.be.true();
    new Intake('sequence').endsSequence({ complete: true, payload: 3 }).should.be.false();
    new Intake('sequence').endsSequence({}).should.be.false();
    new Intake('stream').endsSequence({ complete: true }).should.be.false();
  });

  it('is a command in msg.action', () => {
    const intake = new Intake('auto');
    should(intake.commandOf({ action: 'train', payload: 17 })).eql({ kind: 'train', device: undefined });
    should(intake.commandOf({ action: 'train', device: 'p1' })).eql({ kind: 'train', device: 'p1' });
    should(intake.commandOf({ action: 'cancel', device: 7 })).eql({ kind: 'cancel', device: '7' });
    should(intake.commandOf({ payload: 17 })).be.undefined();
  });

  it('may be to train on the batch that comes with the command', () => {
    should(new Intake('auto').commandOf({ action: 'train', payload: [] })).be.undefined();
    should(new Intake('batch').commandOf({ action: 'train' })).be.undefined();
    should(new Intake('stream').commandOf({ action: 'train', payload: [] })).eql({ kind: 'train', device: undefined });
  });

  it('is refused when the action is unknown', () => {
    should(() => new Intake('auto').commandOf({ action: 'trian' })).throw(
      'msg.action must be "train" or "cancel", got "trian".',
    );
  });

  it('is found out whatever comes', () => {
    const message = fc.record({
      action: fc.oneof(fc.anything(), fc.constantFrom('train', 'cancel')),
      device: fc.anything(),
      payload: fc.anything(),
      parts: fc.anything(),
      complete: fc.anything(),
      anomaly: fc.anything({ maxDepth: 3 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...TRAINING_SOURCES), message, (source, message) => {
        const intake = new Intake(source);
        try {
          const { kind } = intake.commandOf(message) ?? intake.take(message, readings(1), 0);
          should(['batch', 'collect', 'train', 'cancel', 'wait'].includes(kind)).be.true();
        } catch (error) {
          should(isMlError(error)).be.true();
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

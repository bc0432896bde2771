import fc from 'fast-check';
import should from 'should';
import { isMlError } from '#lib/core/errors';
import type { Reading } from '#lib/core/readings';
import { timeRange } from '#lib/readings/time-range';
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
    should(intake.commandOf({ action: 'train', payload: 17 }, 0)).eql({ kind: 'train', device: undefined });
    should(intake.commandOf({ action: 'train', device: 'p1' }, 0)).eql({ kind: 'train', device: 'p1' });
    should(intake.commandOf({ action: 'cancel', device: 7 }, 0)).eql({ kind: 'cancel', device: '7' });
    should(intake.commandOf({ payload: 17 }, 0)).be.undefined();
  });

  it('may be to train on the batch that comes with the command', () => {
    should(new Intake('auto').commandOf({ action: 'train', payload: [] }, 0)).be.undefined();
    should(new Intake('batch').commandOf({ action: 'train' }, 0)).be.undefined();
    should(new Intake('stream').commandOf({ action: 'train', payload: [] }, 0)).eql({
      kind: 'train',
      device: undefined,
    });
  });

  describe('with past readings', () => {
    const HOUR_MS = 3_600_000;
    const nowMs = Date.UTC(2026, 4, 4);
    const intake = new Intake('history', (message, now) => timeRange(message, now, 24 * HOUR_MS));
    const order = (message: object): unknown => intake.commandOf(message, nowMs);

    it('is to train, whatever the message is', () => {
      const range = { fromMs: nowMs - 24 * HOUR_MS, toMs: nowMs };
      for (const message of [{}, { payload: 17 }, { payload: [{}] }, { action: 'train' }, { device: '*' }]) {
        should(order(message)).eql({ kind: 'history', device: undefined, range });
      }
      should(order({ device: 'p1', action: '' })).eql({ kind: 'history', device: 'p1', range });
      should(order({ action: 'cancel', device: '*' })).eql({ kind: 'cancel', device: undefined });
    });

    it('may be of another time', () => {
      const between = (message: object): unknown => (order(message) as { range: unknown }).range;
      const day = Date.UTC(2026, 0, 2);
      should(between({ hours: '2' })).eql({ fromMs: nowMs - 2 * HOUR_MS, toMs: nowMs });
      should(between({ from: '2026-01-02' })).eql({ fromMs: day, toMs: nowMs });
      should(between({ from: '2026-01-02', to: day + HOUR_MS })).eql({ fromMs: day, toMs: day + HOUR_MS });
      should(between({ from: '2026-01-02', hours: 3 })).eql({ fromMs: day, toMs: day + 3 * HOUR_MS });
      should(between({ to: '2026-01-02', hours: 3 })).eql({ fromMs: day - 3 * HOUR_MS, toMs: day });
      should(between({ to: '2026-01-02' })).eql({ fromMs: day - 24 * HOUR_MS, toMs: day });
    });

    it('is refused where time or device are none', () => {
      const refused: readonly (readonly [object, RegExp])[] = [
        [{ hours: 'many' }, /^msg\.hours must be a number of hours up to 87672, such as 168, got "many"\.$/],
        [{ hours: 0 }, /^msg\.hours must be/],
        [{ from: 'yesterday' }, /^msg\.from must be a time, as ISO 8601/],
        [{ from: '2026-05-05' }, /^msg\.from must be before msg\.to, got 2026-05-05T00.* and 2026-05-04T00/],
        [{ device: ['p1'] }, /^msg\.device must be a name, or "\*" for all, got/],
        [{ action: 'forecast' }, /^msg\.action must be "train" or "cancel"/],
      ];
      for (const [message, sentence] of refused) should(() => order(message)).throw(sentence);
    });
  });

  it('is refused when the action is unknown', () => {
    should(() => new Intake('auto').commandOf({ action: 'trian' }, 0)).throw(
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
      hours: fc.anything({ maxDepth: 1 }),
      from: fc.anything({ maxDepth: 1 }),
      to: fc.anything({ maxDepth: 1 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...TRAINING_SOURCES), message, (source, message) => {
        const intake = new Intake(source);
        try {
          const { kind } = intake.commandOf(message, 0) ?? intake.take(message, readings(1), 0);
          should(['batch', 'collect', 'train', 'history', 'cancel', 'wait'].includes(kind)).be.true();
        } catch (error) {
          should(isMlError(error)).be.true();
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

import should from 'should';
import { inAlarm, noteAlarm } from '#lib/detection/alarm-notes';

describe('notes of alarms', () => {
  it('tell while an alarm is on, by model and device', () => {
    should(inAlarm('pumps', 'p1')).be.false();
    noteAlarm('pumps', 'p1', true);
    should(inAlarm('pumps', 'p1')).be.true();
    should(inAlarm('pumps', 'p2')).be.false();
    should(inAlarm('fans', 'p1')).be.false();
    noteAlarm('pumps', 'p1', false);
    should(inAlarm('pumps', 'p1')).be.false();
  });

  it('do not confuse names that look alike when put together', () => {
    noteAlarm('a', 'b","c', true);
    should(inAlarm('a","b', 'c')).be.false();
    noteAlarm('a', 'b","c', false);
  });
});

import should from 'should';
import { checkSilence, heard } from '#lib/detection/no-data';

const sender = { device: 'pump-07', model: { name: 'default', version: 0, algorithm: 'streaming' } };
const minuteMs = 60_000;
const start = Date.UTC(2024, 4, 3, 14, 2);

describe('a silent device', () => {
  it('is told once, when it has been silent for long enough', () => {
    const { presence } = heard(null, start, sender);
    should(checkSilence(presence, start + 5 * minuteMs - 1, 5 * minuteMs, sender).event).be.null();
    const silent = checkSilence(presence, start + 5 * minuteMs, 5 * minuteMs, sender);
    should(silent.event).eql({
      type: 'no-data',
      id: 'default/pump-07/no-data/2024-05-03T14:02:00.000Z',
      device: 'pump-07',
      model: sender.model,
      severity: 'warning',
      since: '2024-05-03T14:02:00.000Z',
      text: 'pump-07: no data since 14:02 UTC.',
    });
    should(checkSilence(silent.presence, start + 60 * minuteMs, 5 * minuteMs, sender).event).be.null();
  });

  it('is told to be back with the same id', () => {
    const { presence } = heard(null, start, sender);
    const silent = checkSilence(presence, start + 5 * minuteMs, 5 * minuteMs, sender);
    const back = heard(silent.presence, start + 80 * minuteMs, sender);
    should(back.event?.type).equal('cleared');
    should(back.event?.id).equal(silent.event?.id);
    should(back.event?.until).equal('2024-05-03T15:22:00.000Z');
    should(back.event?.text).equal('pump-07: sends again since 15:22 UTC, after 1 h 20 min without data.');
    should(heard(back.presence, start + 81 * minuteMs, sender).event).be.null();
  });
});

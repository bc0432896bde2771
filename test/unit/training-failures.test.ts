import should from 'should';
import { SHARED_DEVICE } from '#lib/core/artifact';
import { MlError } from '#lib/core/errors';
import { failureOf, failureOfAll } from '#lib/training/failures';

const noColumn = new MlError('DATABASE', 'There is no column "flow".');

describe('failures of trainings', () => {
  it('say which model, and whose', () => {
    const alone = failureOf('pumps', { target: 'p-1', error: noColumn });
    should(alone).have.properties({ code: 'DATABASE', message: '"pumps" for p-1: There is no column "flow".' });
    should(failureOf('pumps', { target: SHARED_DEVICE, error: new Error('Gone.') })).have.properties({
      code: 'WORKER',
      message: '"pumps" for all devices: Gone.',
    });
  });

  it('give a reason that devices share once, and each other one', () => {
    const failures = ['p-1', 'p-2', 'p-3'].map((target) => ({ target, error: noColumn }));
    const other = { target: 'p-4', error: new MlError('TOO_FEW_ROWS', '7 readings came.') };
    should(failureOfAll('pumps', [...failures, other], 9)).have.properties({
      code: 'DATABASE',
      message:
        '4 of 9 trainings failed. "pumps" for p-1, p-2 and p-3: There is no column "flow". "pumps" for p-4: 7 readings came.',
    });
  });

  it('stay short, however many there are', () => {
    const same = Array.from({ length: 500 }, (_, i) => ({ target: `p-${i}`, error: noColumn }));
    should(failureOfAll('pumps', same, 500).message).equal(
      '500 of 500 trainings failed. "pumps" for p-0, p-1, p-2, p-3, p-4 and 495 more: There is no column "flow".',
    );
    const each = same.map(({ target }, i) => ({ target, error: new Error(`${i} came.`) }));
    should(failureOfAll('pumps', each, 600).message).match(
      /^500 of 600 trainings failed\. .* "pumps" for p-4: 4 came\. And 495 more\.$/,
    );
  });
});

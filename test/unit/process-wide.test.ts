import should from 'should';
import { processWide } from '#lib/core/process-wide';

describe('what is process-wide', () => {
  it('is made once a name', () => {
    const first = processWide('test-thing/1', () => ({ made: 1 }));
    should(processWide('test-thing/1', () => ({ made: 2 }))).equal(first);
    should(processWide('test-thing/2', () => ({ made: 3 })).made).equal(3);
  });

  it('is shared with another copy of the package', () => {
    const path = require.resolve('#lib/core/process-wide');
    const thing = processWide('test-copy/1', () => ({}));
    const loaded = require.cache[path];
    delete require.cache[path];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const copy = require('#lib/core/process-wide') as { processWide: typeof processWide };
    require.cache[path] = loaded;
    should(copy.processWide).not.equal(processWide);
    should(copy.processWide('test-copy/1', () => ({}))).equal(thing);
  });
});

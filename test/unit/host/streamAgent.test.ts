import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StreamAgent } from '../../../src/host/engineApi/streamAgent';

describe('an agent over a transport\'s streams', () => {
  it('is a word to who prints it with all that is hidden, as docker-modem does for every request', () => {
    const agent = new StreamAgent(() => Promise.reject(new Error('not asked')), { keepAlive: true });
    expect(inspect({ path: '/info', agent }, { showHidden: true, depth: null })).toBe("{ path: '/info', agent: StreamAgent }");
    agent.destroy();
  });
});

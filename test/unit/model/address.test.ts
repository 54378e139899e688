import { describe, expect, it } from 'vitest';
import { AddressError, formatHostAddress, parseHostAddress } from '../../../src/core/model/address';

describe('nested addresses', () => {
  it.each(['nested:4711.98765@local', 'nested:1.0@ssh://root@node1:2222', 'nested:7.8@nested:9.10@ssh://[fe80::1]'])('%s is read and written as it was', (text) => {
    expect(formatHostAddress(parseHostAddress(text))).toBe(text);
  });

  it('holds the process, when it began, and whose process it is', () => {
    expect(parseHostAddress('nested:4711.98765@node1')).toEqual({ kind: 'nested', pid: 4711, startTime: '98765', parent: { kind: 'ssh', host: 'node1' } });
  });

  it.each(['nested:', 'nested:0.1@local', 'nested:12@local', 'nested:12.3', 'nested:12.3@', 'nested:$(id).1@local', 'nested:1.1@file:/tmp/a.json', 'nested:1.1@-oProxyCommand=id'])('%s is refused', (text) => {
    expect(() => parseHostAddress(text)).toThrow(AddressError);
  });
});

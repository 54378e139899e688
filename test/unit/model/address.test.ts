import { describe, expect, it } from 'vitest';
import { AddressError, formatHostAddress, parseHostAddress } from '../../../src/core/model/address';

describe('nested addresses', () => {
  it.each(['nested:4711.98765@local', 'nested:1.0@ssh://root@node1:2222', 'nested:7.8@nested:9.10@ssh://[fe80::1]', 'nested:container=kind-control-plane@ssh://u@h', 'nested:cgroup=/machine.slice/systemd-nspawn%40web.service@local', 'nested:cgroup=/a%20b%25@nested:container=c@local'])('%s is read and written as it was', (text) => {
    expect(formatHostAddress(parseHostAddress(text))).toBe(text);
  });

  it('holds the process, when it began, and whose process it is', () => {
    expect(parseHostAddress('nested:4711.98765@node1')).toEqual({ kind: 'nested', target: { kind: 'process', pid: 4711, startTime: '98765' }, parent: { kind: 'ssh', host: 'node1' } });
  });

  it('holds the container, or the control group as the host shows it', () => {
    expect(parseHostAddress('nested:container=web@local')).toEqual({ kind: 'nested', target: { kind: 'container', name: 'web' }, parent: { kind: 'local' } });
    expect(parseHostAddress('nested:cgroup=/systemd-nspawn%40web.service@root@h')).toEqual({ kind: 'nested', target: { kind: 'cgroup', path: '/systemd-nspawn@web.service' }, parent: { kind: 'ssh', user: 'root', host: 'h' } });
  });

  it.each(['nested:container=@local', 'nested:container=-rm@local', 'nested:container=a/b@local', 'nested:container=$(id)@local', 'nested:cgroup=relative@local', 'nested:cgroup=/a%0ab@local', 'nested:cgroup=/a%zz@local', 'nested:container=a@file:/x', 'nested:0.1@local', 'nested:12@local', 'nested:12.3', 'nested:12.3@', 'nested:$(id).1@local', 'nested:1.1@file:/tmp/a.json', 'nested:1.1@-oProxyCommand=id'])('%s is refused', (text) => {
    expect(() => parseHostAddress(text)).toThrow(AddressError);
  });
});

describe('Docker contexts as addresses', () => {
  it.each(['docker://far', 'docker://a.b_c+d-1', 'nested:container=web@docker://far'])('%s is read and written as it was', (text) => {
    expect(formatHostAddress(parseHostAddress(text))).toBe(text);
  });

  it.each(['docker://', 'docker://a', 'docker://../x', 'docker://a b', 'docker://-H', 'docker://a/b', 'docker://a@b'])('%s is refused', (text) => {
    expect(() => parseHostAddress(text)).toThrow(AddressError);
  });
});

import { describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../../src/core/model/engine';
import { engineSettingsText, hasDocker, noDockerText } from '../../../src/core/report/engineSettings';

const row = (text: string, name: string): string => text.split('\n').find((line) => line.startsWith(`${name} `))?.replace(/ {2,}/g, ' | ') ?? '';

describe('an engine\'s settings', () => {
  it('tell where each is from: command line, file or default', () => {
    const text = engineSettingsText({ argv: ['dockerd', '-H', 'unix:///run/docker.sock', '--host=tcp://127.0.0.1:2375', '--iptables=false', '--ipv6', '--mtu', '1450', '--default-address-pool', 'base=172.30.0.0/16,size=24'], pid: 7, file: { path: '/etc/docker/daemon.json', text: '{"bip": "10.0.0.1/24", "userland-proxy": false, "dns": ["192.0.2.1"]}' }, faults: [] });
    expect(row(text, 'bip')).toBe('bip | 10.0.0.1/24 | /etc/docker/daemon.json');
    expect(row(text, 'userland-proxy')).toBe('userland-proxy | false | /etc/docker/daemon.json');
    expect(row(text, 'dns')).toBe('dns | ["192.0.2.1"] | /etc/docker/daemon.json');
    expect(row(text, 'iptables')).toBe('iptables | false | command line');
    expect(row(text, 'ipv6')).toBe('ipv6 | true | command line');
    expect(row(text, 'mtu')).toBe('mtu | 1450 | command line');
    expect(row(text, 'default-address-pools')).toBe('default-address-pools | base=172.30.0.0/16,size=24 | command line');
    expect(row(text, 'hosts')).toBe('hosts | unix:///run/docker.sock, tcp://127.0.0.1:2375 | command line');
    expect(row(text, 'ip-forward')).toBe('ip-forward | true | default');
    expect(text.split('\n')[0]).toMatch(/^# dockerd, process 7: dockerd -H unix/);
  });

  it('keep a password to themselves, on the command line and in the file', () => {
    const text = engineSettingsText({ argv: ['dockerd', '--cluster-store=etcd://root:hunter2@10.0.0.1:2379'], file: { path: '/f', text: '{"proxies": {"http-proxy": "http://me:hunter2@proxy:3128"}}' }, faults: [] });
    expect(text).not.toContain('hunter2');
    expect(row(text, 'cluster-store')).toBe('cluster-store | etcd://…@10.0.0.1:2379 | command line');
  });

  it('say what could not be read, and show the rest', () => {
    const text = engineSettingsText({ file: { path: '/f', text: '{,}' }, faults: [] });
    expect(text).toMatch(/^# \/f is no JSON object: .*\n# No running dockerd was found/);
    expect(row(text, 'bip')).toBe('bip | chosen by the engine | default');
  });

  it('keep every secret to themselves, in the file, on the command line and in a file that is broken', () => {
    const file = { path: '/etc/docker/daemon.json' };
    const texts = [
      { file: { ...file, text: JSON.stringify({ proxies: { 'http-proxy': 'http://bob:s3@cr/et@proxy:3128', 'https-proxy': 'bob:s3cret@proxy:3128' }, 'log-opts': { 'splunk-token': 'TOKEN', tag: 'kept' }, 'cluster-store': 'etcd://bob:s3cret@store:2379', tlskey: '/etc/key.pem', auths: { hub: { token: 1234567 } } }) } },
      { file: { ...file, text: '{"splunk-token":TOKEN}' } },
      { file, pid: 1, argv: ['dockerd', '--log-opt', 'splunk-token=TOKEN', '--log-opt=gelf-address=udp://bob:s3cret@log:1', '--http-proxy', 'bob:s3cret@proxy:3128', '--https-proxy=http://bob:s3@cret@proxy:3128'] },
    ].map((facts) => engineSettingsText({ ...facts, faults: [] }));
    for (const text of texts) expect(text).not.toMatch(/TOKEN|bob|s3|cr\/?et|1234567/);
    expect(texts[0]).toContain('"http-proxy":"http://…@proxy:3128","https-proxy":"…@proxy:3128"');
    expect(texts[0]).toContain('{"splunk-token":"…","tag":"kept"}');
    expect(texts[0]).toMatch(/tlskey +\/etc\/key\.pem/);
    expect(texts[1]).toContain('daemon.json is no JSON object');
    expect(texts[2]).toContain('--log-opt splunk-token=… --log-opt=gelf-address=udp://…@log:1 --http-proxy …@proxy:3128 --https-proxy=http://…@proxy:3128');
  });

  it('are those of no engine where neither a dockerd nor its file nor an answer is there', () => {
    const file = { path: '/etc/docker/daemon.json' };
    const nothing = { file, faults: [] };
    const engine = (kind: 'docker' | 'podman', further?: 'docker'): EngineSnapshot => ({ kind, version: '1', apiVersion: '1', name: 'n', networks: [], containers: [], ...(further && { further: [{ kind: further, version: '1', apiVersion: '1', name: 'n' }] }) });
    expect([undefined, engine('podman'), engine('docker'), engine('podman', 'docker')].map((each) => hasDocker(nothing, each))).toEqual([false, false, true, true]);
    expect([{ ...nothing, argv: ['dockerd'] }, { ...nothing, file: { ...file, text: '{}' } }, { ...nothing, faults: ['It could not be read.'] }].map((facts) => hasDocker(facts, undefined))).toEqual([true, true, true]);
    expect(noDockerText(nothing)).toBe('No Docker engine runs on this host, and there is no /etc/docker/daemon.json: there are no settings to show.');
  });
});

import { expect, it } from 'vitest';
import type { Container, HostNode } from '../../src/core/model/topology';
import { publishedPortsText } from '../../src/core/report/publishedPorts';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readPublishedPorts } from '../../src/discovery/readPortServers';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { ask, askOn, atEnd, describeAsRoot, describeInLab, makeNamespace, runHere, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { local, prefixed, programs, through } from './scanSupport';

describeAsRoot('published ports of a host that has nft and no iptables', () => {
  it('stand with the rule of a real ruleset (the container: a stand-in by hand)', async () => {
    const namespace = makeNamespace();
    const folder = programs(Object.fromEntries(['sh', 'cat', 'grep', 'readlink', 'nft'].map((name) => [name, `#!/bin/sh\nexec ${ask('sh', '-c', `command -v ${name}`).trim()} "$@"\n`])));
    const inside = (...argv: string[]): ReturnType<typeof runHere> => runHere(['ip', 'netns', 'exec', namespace.replace(/^.*\//, ''), ...argv]);
    const nft = 'table ip docker { chain pre { type nat hook prerouting priority dstnat; iifname != "br-1" tcp dport 8080 counter dnat to 10.9.0.2:80; }; }';
    expect(inside('nft', nft)).toMatchObject({ code: 0, stderr: '' });
    const transport = through(local(), prefixed('ip', 'netns', 'exec', namespace.replace(/^.*\//, ''), 'env', `PATH=${folder}`));
    const web = { name: 'web', running: true, endpoints: [], engine: { id: 'w', labels: {}, ports: [8080, 9090].map((publicPort) => ({ privatePort: 80, publicPort, ip: '0.0.0.0', type: 'tcp' })), networks: [{ networkId: 'n', networkName: 'n', endpointId: 'e', ipv4: '10.9.0.2' }] } } as unknown as Container;
    const host = { containers: [web], networks: [], sandboxes: [] } as unknown as HostNode;
    const text = publishedPortsText(await readPublishedPorts(buildTopology([]), host, '', transport));
    expect(text).toBe(
      [
        '# web (10.9.0.2)',
        '0.0.0.0:8080 → 80/tcp',
        '  rule   ip docker pre: iifname != "br-1" tcp dport 8080 counter packets 0 bytes 0 dnat to 10.9.0.2:80',
        '  proxy  none: no docker-proxy serves it (the engine may run with userland-proxy off)',
        '0.0.0.0:9090 → 80/tcp',
        '  rule   none: no DNAT rule of table nat sends tcp port 9090 to 10.9.0.2:80',
        '  proxy  none: no docker-proxy serves it (the engine may run with userland-proxy off)',
        '',
      ].join('\n'),
    );
  });
});

describeInLab("published ports of a real swarm's services", () => {
  it('are told with what this kernel, which has no IPVS, leaves out; rules like those of libnetwork, put there by hand, stand beside them', async () => {
    const remove = () => runOn('node1', ['docker', 'service', 'rm', 'ports-ingress', 'ports-host']);
    remove();
    atEnd(remove);
    const create = (...argv: string[]): string => askOn('node1', 'docker', 'service', 'create', '-d', '--no-resolve-image', '--constraint', 'node.hostname==node1', '--network', 'mynet02', ...argv, 'net-tools', 'httpd', '-f', '-p', '80');
    create('--name', 'ports-ingress', '--publish', '18081:80');
    create('--name', 'ports-host', '--endpoint-mode', 'dnsrr', '--publish', 'mode=host,target=80,published=18082');
    const running = (): string => askOn('node1', 'docker', 'service', 'ls', '--format', '{{.Name}} {{.Replicas}}');
    await expect.poll(running, { timeout: 30_000, interval: 200 }).toMatch(/ports-host 1\/1(.|\n)*ports-ingress 1\/1/);

    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
      const host = topology.host.get('ssh://node1') as HostNode;
      const told = async (container = ''): Promise<string> => publishedPortsText(await readPublishedPorts(topology, host, container, transport));
      const text = await told();
      // mode=host is the engine's own: its DNAT rule and proxy are real here.
      const own = text.split('\n\n').find((part) => part.startsWith('# ports-host.1')) ?? '';
      expect(own).toMatch(/^0\.0\.0\.0:18082 → 80\/tcp\n {2}rule {3}\[\d+:\d+\] -A DOCKER .*--dport 18082 -j DNAT --to-destination \S+:80\n {2}proxy {2}\d+ /m);
      const service = text.split('\n\n').find((part) => part.startsWith('# service ports-ingress')) ?? '';
      const vip = askOn('node1', 'docker', 'service', 'inspect', '--format', '{{json .Endpoint.VirtualIPs}}', 'ports-ingress');
      expect(vip).toContain(/\((\S+) on the ingress network\)/.exec(service)?.[1]);
      expect(service).toMatch(/^\*:18081 → 80\/tcp on every node of the swarm$/m);
      expect(service).toMatch(/^ {2}task {3}ports-ingress\.1\.\S+ 10\.0\.0\.\d+ on /m);
      const ipvs = askOn('node1', 'sh', '-c', '[ -e /proc/net/ip_vs ] && echo yes || echo no');
      if (ipvs === 'no') {
        expect(text).toContain('# The kernel of this host has not loaded ip_vs: the swarm\'s ingress can balance nothing here.');
        expect(service).toMatch(/^ {2}mark {3}none: .*engine's mark for it is \d+/m);
        expect(service).toMatch(/^ {2}ipvs {3}none: /m);
      }
      const rule = ['-p', 'tcp', '--dport', '18081'];
      const sandbox = ['nsenter', '--net=/run/docker/netns/ingress_sbox'];
      askOn('node1', ...sandbox, 'iptables', '-t', 'mangle', '-A', 'PREROUTING', ...rule, '-j', 'MARK', '--set-mark', '0x1ff');
      atEnd(() => runOn('node1', [...sandbox, 'iptables', '-t', 'mangle', '-D', 'PREROUTING', ...rule, '-j', 'MARK', '--set-mark', '0x1ff']));
      const chain = runOn('node1', ['iptables', '-t', 'nat', '-N', 'DOCKER-INGRESS']).code === 0;
      askOn('node1', 'iptables', '-t', 'nat', '-A', 'DOCKER-INGRESS', ...rule, '-j', 'DNAT', '--to-destination', '172.18.0.2:18081');
      atEnd(() => {
        runOn('node1', ['iptables', '-t', 'nat', '-D', 'DOCKER-INGRESS', ...rule, '-j', 'DNAT', '--to-destination', '172.18.0.2:18081']);
        if (chain) runOn('node1', ['iptables', '-t', 'nat', '-X', 'DOCKER-INGRESS']);
      });
      const task = host.containers.find(({ name }) => name.startsWith('ports-ingress.1.'));
      const after = await told(task?.engine.id ?? 'none');
      expect(after).toMatch(/^ {2}rule {3}\[\d+:\d+\] -A DOCKER-INGRESS -p tcp .*--dport 18081 -j DNAT --to-destination 172\.18\.0\.2:18081$/m);
      expect(after).toMatch(/^ {2}mark {3}\[\d+:\d+\] -A PREROUTING .*--dport 18081 -j MARK --set-xmark 0x1ff\/0xffffffff$/m);
      expect(after).not.toContain('ports-host');
    } finally {
      engine.dispose();
      transport.dispose();
    }
  });
});

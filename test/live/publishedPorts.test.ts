import { expect, it } from 'vitest';
import { publishedPortsText } from '../../src/core/report/publishedPorts';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readPublishedPorts } from '../../src/discovery/readPortServers';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

describeInLab('published ports of a real engine', () => {
  it('stand with their rule and proxy; without the rule it is said', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
      const [host] = topology.hosts;
      const web = host?.containers.find(({ name }) => name === 'web1');
      if (host === undefined || web === undefined) throw new Error('web1 is not there');
      const told = async (): Promise<string> => publishedPortsText(await readPublishedPorts(topology, host, web.engine.id, transport));
      const rule = /-A (DOCKER .*--dport 8080 .*-j DNAT --to-destination 172\.28\.0\.11:80)/.exec(askOn('node1', 'iptables-save', '-t', 'nat'))?.[1];
      expect(rule).toBeDefined();
      const text = await told();
      expect(text).toMatch(/^# web1 \(172\.28\.0\.11\)\n/);
      expect(text).toMatch(new RegExp(`^ {2}rule {3}\\[\\d+:\\d+\\] -A ${(rule ?? '').replace(/[!.[\]]/g, '\\$&')}$`, 'm'));
      const pid = /^ {2}proxy {2}(\d+) /m.exec(text)?.[1] ?? '';
      expect(askOn('node1', 'cat', `/proc/${pid}/comm`)).toContain('docker-proxy');
      const argv = (rule ?? '').split(' ') as [string, ...string[]];
      atEnd(() => runOn('node1', ['sh', '-c', 'iptables -t nat -C "$@" 2>/dev/null || iptables -t nat -A "$@"', 'sh', ...argv]));
      runOn('node1', ['iptables', '-t', 'nat', '-D', ...argv]);
      expect(await told()).toContain('  rule   none: no DNAT rule of table nat sends tcp port 8080 to 172.28.0.11:80');
    } finally {
      engine.dispose();
      transport.dispose();
    }
  });
});

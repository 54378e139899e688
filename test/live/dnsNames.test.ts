import { expect, it } from 'vitest';
import { dnsNames, dnsNamesText } from '../../src/core/report/dnsNames';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { readDnsNames } from '../../src/discovery/readDnsNames';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

describeInLab('names that a container resolves', () => {
  it('are those that the engine\'s DNS answers in it, with their addresses', async () => {
    const remove = (): unknown => runOn('node1', ['sh', '-c', 'docker network disconnect -f names web1; docker network disconnect -f names lanbox; docker network rm names']);
    atEnd(remove);
    // What an earlier try left.
    remove();
    askOn('node1', 'docker', 'network', 'create', 'names');
    askOn('node1', 'docker', 'network', 'connect', '--alias', 'shop', '--alias', 'front', 'names', 'lanbox');
    askOn('node1', 'docker', 'network', 'connect', '--link', 'lanbox:linked', 'names', 'web1');
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
      const web1 = [...topology.container.values()].find(({ name }) => name === 'web1');
      if (web1 === undefined) throw new Error('web1 is not there');
      const { own, networks } = await readDnsNames(engine, web1, topology);
      const reports = dnsNames(own, networks);
      const several = reports.flatMap(({ names }) => names.filter(({ what }) => what.includes('; also on ')));
      expect(several.map(({ name }) => name)).toContain('web1');
      const section = dnsNamesText(own, networks).split('\n\n').find((part) => part.startsWith('# names (bridge)')) ?? '';
      const rows = section.trimEnd().split('\n').slice(2).map((row) => row.split(/ {2,}/));
      expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(['lanbox', 'shop', 'front', 'linked']));
      for (const [name = '', address = '', what = ''] of rows) {
        const answer = askOn('node1', 'docker', 'exec', 'web1', 'nslookup', '-type=a', name, '127.0.0.11');
        if (what.includes('; also on ')) expect(several.filter((row) => row.name === name).some((row) => answer.split(/\s+/).includes(row.address)), answer).toBe(true);
        else if (/^\d/.test(address)) expect(answer, name).toContain(address);
        else expect(answer, name).toMatch(/Address(?: 1)?: (?!127\.0\.0\.11)\d/);
      }
    } finally {
      engine.dispose();
      transport.dispose();
    }
  });
});

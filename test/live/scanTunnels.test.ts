import { expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { otherHalfText } from '../../src/core/report/tunnelText';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

const nodes = ['node1', 'node2'] as const;

describeInLab("tunnels between the lab's hosts", () => {
  const underlay = (node: string): string => /src (\S+)/.exec(askOn(node, 'ip', 'route', 'get', '192.168.56.13'))?.[1] ?? '';

  async function read(): Promise<Topology> {
    const hosts = await Promise.all(
      nodes.map(async (node) => {
        const transport = openTransport({ kind: 'ssh', host: node }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
        try {
          return { id: `ssh://${node}`, label: node, snapshot: await scanHost(transport, undefined, { limitMs: 20_000 }) };
        } finally {
          transport.dispose();
        }
      }),
    );
    return buildTopology(hosts);
  }

  const add = (node: string, name: string, vni: number, remote: string): void => {
    runOn(node, ['ip', 'link', 'add', name, 'type', 'vxlan', 'id', String(vni), 'dstport', '8472', 'local', underlay(node), 'remote', remote]);
    atEnd(() => runOn(node, ['ip', 'link', 'del', name]));
  };
  const told = (topology: Topology): Readonly<Record<string, string>> =>
    Object.fromEntries([...topology.tunnel.values()].map((tunnel) => [`${topology.host.get(tunnel.hostId)?.label ?? ''}/${topology.link.get(tunnel.linkId)?.link.name ?? ''}`, otherHalfText(tunnel, topology)]));

  it('are found with both halves, with what differs, with the host that lacks one, and with an address that is nobody\'s', async () => {
    const [one, two] = [underlay('node1'), underlay('node2')];
    add('node1', 'tnl-both', 4001, two);
    add('node2', 'tnl-back', 4001, one);
    add('node1', 'tnl-open', 4003, '192.168.56.99');
    const first = told(await read());
    expect(first).toEqual({
      'node1/tnl-both': 'tnl-back on node2',
      'node2/tnl-back': 'tnl-both on node1',
      'node1/tnl-open': 'unknown: no host that was read, or more than one, has 192.168.56.99',
    });
    runOn('node2', ['ip', 'link', 'del', 'tnl-back']);
    expect(told(await read())['node1/tnl-both']).toBe(`missing: node2 has ${two} and no such device`);
    runOn('node2', ['ip', 'link', 'add', 'tnl-back', 'type', 'vxlan', 'id', '4002', 'dstport', '8472', 'local', two, 'remote', one]);
    expect(told(await read())['node1/tnl-both']).toBe('tnl-back on node2 does not fit: VNI 4001 here, 4002 there');
  });
});

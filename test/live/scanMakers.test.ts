import { expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { flannelOf } from '../../src/core/topology/flannel';
import { madeDevices, makerOf } from '../../src/core/topology/makers';
import { scanHost } from '../../src/discovery/scan';
import { openTransport } from '../../src/host/openTransport';
import { openEngine } from '../../src/host/engineClient';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

describeInLab('what made a device: the data planes as the programs make them, built with ip, without their daemons', () => {
  async function read(): Promise<Topology> {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      return buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 20_000 }) }]);
    } finally {
      engine.dispose();
      transport.dispose();
    }
  }

  const told = (topology: Topology): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...topology.link.values()].flatMap((node) => {
        const maker = makerOf(topology, node);
        return maker ? [[`${topology.sandbox.get(node.sandboxId)?.title ?? ''}/${node.link.name}`, maker.name]] : [];
      }),
    );
  const ip = (...argv: string[]): void => void askOn('node1', 'ip', ...argv);
  const add = (name: string, ...argv: string[]): void => {
    ip('link', 'add', name, ...argv);
    atEnd(() => runOn('node1', ['ip', 'link', 'del', name]));
  };

  it("Weave's, flannel's and CNI's data plane", async () => {
    ip('netns', 'add', 'pod1');
    atEnd(() => runOn('node1', ['ip', 'netns', 'del', 'pod1']));
    add('weave', 'type', 'bridge');
    add('vethwepl1001', 'type', 'veth', 'peer', 'name', 'ethwe', 'netns', 'pod1');
    ip('link', 'set', 'vethwepl1001', 'master', 'weave');
    add('vxlan-6784', 'type', 'vxlan', 'external', 'dstport', '6784');
    add('flannel.1', 'type', 'vxlan', 'id', '1', 'dstport', '8472', 'nolearning');
    ip('addr', 'add', '10.244.0.0/32', 'dev', 'flannel.1');
    ip('link', 'set', 'flannel.1', 'up');
    ip('route', 'add', '10.244.1.0/24', 'via', '10.244.1.0', 'dev', 'flannel.1', 'onlink');
    add('cni0', 'type', 'bridge');
    add('cali0123456789a', 'type', 'veth', 'peer', 'name', 'cali-in', 'netns', 'pod1');
    add('cilium_vxlan', 'type', 'vxlan', 'external', 'dstport', '8473');
    const topology = await read();
    expect(told(topology)).toMatchObject({
      'root/weave': 'Weave',
      'root/vethwepl1001': 'Weave',
      'pod1/ethwe': 'Weave',
      'root/vxlan-6784': 'Weave',
      'root/flannel.1': 'flannel (vxlan)',
      'root/cni0': 'the CNI bridge plug-in',
      'root/cali0123456789a': 'Calico',
      'root/cilium_vxlan': 'Cilium',
      'root/docker_gwbridge': 'Docker (gateway bridge of overlays)',
    });
    const flannel = [...topology.link.values()].find(({ link }) => link.name === 'flannel.1');
    expect(flannel && makerOf(topology, flannel)?.evidence).toContain('1 route leads to other hosts through it');
  });

  it("flannel's host-gw backend by its file and its routes, in the same round trip (stand-in: the file and routes as flanneld writes them, no flanneld)", async () => {
    const script = 'mkdir -p /run/flannel; printf "%s\\n" FLANNEL_NETWORK=10.244.0.0/16 FLANNEL_SUBNET=10.244.1.1/24 FLANNEL_MTU=1500 FLANNEL_IPMASQ=true FLANNEL_TOKEN=s3cret >/run/flannel/subnet.env';
    // Of the test before: a host has one backend.
    runOn('node1', ['ip', 'link', 'del', 'flannel.1']);
    askOn('node1', 'sh', '-c', script);
    atEnd(() => runOn('node1', ['rm', '-r', '/run/flannel']));
    const far = /inet ([0-9.]+)/.exec(askOn('node2', 'ip', '-4', '-o', 'addr', 'show', 'scope', 'global', 'dev', 'eth0'))?.[1] ?? '';
    const device = /dev (\S+)/.exec(askOn('node1', 'ip', 'route', 'get', far))?.[1] ?? '';
    ip('route', 'add', '10.244.2.0/24', 'via', far);
    atEnd(() => runOn('node1', ['ip', 'route', 'del', '10.244.2.0/24']));
    const topology = await read();
    expect(flannelOf(topology, topology.hosts[0]!)).toEqual({
      facts: { network: '10.244.0.0/16', subnet: '10.244.1.1/24', mtuBytes: 1500, masquerade: true },
      backend: 'host-gw',
      device,
      routes: [{ destination: '10.244.2.0/24', gateway: far, device }],
    });
    expect(JSON.stringify(topology.hosts[0]!.snapshot)).not.toContain('s3cret');
  });

  it("flannel's udp backend by a real TUN device", async () => {
    ip('tuntap', 'add', 'flannel0', 'mode', 'tun');
    atEnd(() => runOn('node1', ['ip', 'tuntap', 'del', 'flannel0', 'mode', 'tun']));
    ip('link', 'set', 'flannel0', 'up');
    ip('route', 'add', '10.244.0.0/16', 'dev', 'flannel0');
    const topology = await read();
    expect(flannelOf(topology, topology.hosts[0]!)).toMatchObject({ backend: 'udp', device: 'flannel0' });
    expect(madeDevices(topology, 'ssh://node1')).toContainEqual(expect.objectContaining({ device: 'flannel0', name: 'flannel (udp)' }));
  });

  it("pipework's and start-container.sh's veths in a real container, and one that was made by hand", async () => {
    const [name, { id }] = Object.entries(theLab().containers).find(([, { host, ip: address }]) => host === 'node1' && address !== undefined) ?? ['', { id: '' }];
    const pid = askOn('node1', 'docker', 'inspect', '--format', '{{.State.Pid}}', id);
    for (const [outer, inner] of [[`veth7pl${pid}`, 'eth7'], [`tap${pid}`, 'eth8'], ['byhand', 'eth9']] as const) {
      add(outer, 'type', 'veth', 'peer', 'name', `in-${inner}`);
      ip('link', 'set', `in-${inner}`, 'netns', pid, 'name', inner);
    }
    const found = told(await read());
    const title = Object.keys(found).find((key) => key.endsWith('/eth7'))?.split('/')[0] ?? '';
    expect(title).toContain(name);
    expect(found).toMatchObject({
      [`root/veth7pl${pid}`]: 'pipework', [`${title}/eth7`]: 'pipework',
      [`root/tap${pid}`]: 'a start-container.sh script', [`${title}/eth8`]: 'a start-container.sh script',
      'root/byhand': 'no engine', [`${title}/eth9`]: 'no engine',
    });
    // What the engine made is not said to be made by hand.
    expect(Object.entries(found).filter(([, maker]) => maker === 'no engine').map(([key]) => key).sort()).toEqual(['root/byhand', `${title}/eth9`].sort());
  });
});

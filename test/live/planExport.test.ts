import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan/plan';
import { networkTools, persistentFiles, type NetworkTool } from '../../src/core/plan/persistentFiles';
import { tunnelPlan, type TunnelRequest } from '../../src/core/plan/tunnelPlan';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { configurators } from '../lab/machines/configurators.mjs';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { aLink, aNamespace, aSnapshot, processIn } from '../unit/topology/builders';
import { describeInLab } from './commandSupport';

/** Two hosts as a scan tells of them: the files are made from a plan, which is made from that. In the virtual machine the first of them is a namespace with these devices. */
const host = (name: string, address: string): Parameters<typeof buildTopology>[0][number] => {
  const links = [aLink(2, { name: 'u0', addresses: [{ family: 'inet', address, prefixLength: 24, scope: 'global' }] }), aLink(3, { name: 'xbr0', kind: 'bridge' })];
  return { id: `ssh://${name}`, label: name, snapshot: aSnapshot([aNamespace(1, { links, processCount: 1, processes: [processIn('/', 1)] })]) };
};
const topology = buildTopology([host('a', '192.0.2.11'), host('b', '192.0.2.12')]);
const plan = (request: Omit<TunnelRequest, 'sides'>, bridge?: string): Plan => {
  const side = (hostId: string, behind: string) => ({ hostId, ...(bridge === undefined ? { behind: [behind] } : { bridge }) });
  return tunnelPlan({ name: 'nxtest', ...request, sides: [side('ssh://a', '172.20.0.0/16'), side('ssh://b', '172.21.0.0/16')] }, topology);
};
const plans: readonly (readonly [string, Plan])[] = [
  ['GRE with a key', plan({ kind: 'gre', key: 261, ttl: 33 })],
  ['GRETAP in a bridge', plan({ kind: 'gretap' }, 'xbr0')],
  ['IPIP', plan({ kind: 'ipip' })],
  ['VXLAN', plan({ kind: 'vxlan', key: 4213 })],
  ['VXLAN in a bridge', plan({ kind: 'vxlan', key: 77, mtuBytes: 1400 }, 'xbr0')],
  ['Geneve', plan({ kind: 'geneve', key: 99 })],
];

/** What a namespace has of the tunnel, but for what differs from device to device. */
interface Made {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly mtu: number;
  readonly up: boolean;
  readonly master: string | undefined;
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
}

describeInLab('files for a host\'s own network configuration, taken in by systemd-networkd, netplan and ifupdown on a virtual machine', () => {
  let machines: Machines | undefined;
  /** Everything there happens in a new network and mount namespace, with an underlay device and a bridge. `$1` is a folder with the files. */
  const ssh = (script: string, input?: Buffer): string => execFileSync('ssh', ['-F', machines?.sshConfig ?? '', 'vm1', script], { encoding: 'utf8', ...(input !== undefined && { input }), maxBuffer: 8 * 1024 * 1024, stdio: ['pipe', 'pipe', 'pipe'] });
  const inNamespace = (script: string): string => ssh(`unshare --net --mount --propagation private /bin/sh -s`, Buffer.from([
    'export LD_LIBRARY_PATH=/opt/net/lib; cd /opt/net',
    'ip link set lo up; ip link add u0 type veth peer name u1; ip link set u0 up; ip link set u1 up; ip addr add 192.0.2.11/24 dev u0; ip link add xbr0 type bridge; ip link set xbr0 up',
    script,
    'echo =====; ip -d -j link show dev nxtest; echo =====; ip -j addr show dev nxtest; echo =====; ip -j route show dev nxtest',
  ].join('\n')));
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

  function madeFrom(output: string): { readonly said: string; readonly made: Made } {
    const [said = '', link = '', addresses = '', routes = ''] = output.split('=====\n');
    const [device] = JSON.parse(link) as readonly { readonly linkinfo: { readonly info_kind: string; readonly info_data: Record<string, unknown> }; readonly mtu: number; readonly flags: readonly string[]; readonly master?: string }[];
    if (device === undefined) throw new Error(`no device: ${output}`);
    const own = (JSON.parse(addresses) as readonly { readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[] }[])[0]?.addr_info ?? [];
    return {
      said,
      made: {
        kind: device.linkinfo.info_kind,
        data: device.linkinfo.info_data,
        mtu: device.mtu,
        up: device.flags.includes('UP'),
        master: device.master,
        addresses: own.filter(({ family }) => family === 'inet').map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`),
        routes: (JSON.parse(routes) as readonly { readonly dst: string; readonly scope?: string; readonly gateway?: string }[]).map(({ dst, scope, gateway }) => `${dst} ${scope ?? ''} ${gateway ?? ''}`).sort(),
      },
    };
  }

  const write = (files: readonly { readonly path: string; readonly text: string }[]): string => files.map(({ path, text }) => `mkdir -p "root/$(dirname ${quoted(path)})" && printf %s ${quoted(text)} > root/${quoted(path)}`).join('\n');
  /** It waits for udev where /sys can be written to; here there is none. */
  const networkd = (folder: string): string => [
    'mount -t tmpfs none /run; mkdir -p /run/systemd/netif /etc/systemd/network; mount -t sysfs -o ro none /sys',
    `mount --bind ${folder} /etc/systemd/network`,
    'SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console bin/systemd-networkd > /opt/net/log 2>&1 & p=$!',
    'timeout 20 sh -c "until grep -q \'nxtest: State changed: configuring -> configured\' /opt/net/log; do sleep 0.1; done" || cat /opt/net/log; kill "$p"; wait "$p"',
    // What it says of the files and of the device, but for its own folders, which are not there.
    'grep -E "/systemd/network/|nxtest" /opt/net/log | grep -iE "unknown|ignoring|invalid|fail" | grep -vE "state file|persistent MAC|rtnl: received neighbor"',
  ].join('\n');
  const take: Readonly<Record<NetworkTool, string>> = {
    networkd: networkd('/opt/net/root/etc/systemd/network'),
    netplan: `chmod 600 root/etc/netplan/*; bin/generate --root-dir /opt/net/root || echo "netplan refused it"\n${networkd('/opt/net/root/run/systemd/network')}`,
    ifupdown: 'rm -rf state; mkdir state; printf "source /opt/net/root/etc/network/interfaces.d/*\\n" > interfaces; bin/ifup --no-scripts --state-dir state -i interfaces -a 2>&1',
  };

  beforeAll(async () => {
    machines = await startMachines();
    ssh('mkdir -p /opt/net && tar -xz -C /opt/net && echo systemd-network:x:998:998::/:/bin/false >> /etc/passwd && echo systemd-network:x:998: >> /etc/group', readFileSync(await configurators()));
  }, 240_000);
  afterAll(async () => {
    await machines?.stop();
  });

  describe.each(plans)('%s', (_what, made) => {
    const steps = made.steps.filter(({ hostId }) => hostId === 'ssh://a').map(({ argv }) => argv.map(quoted).join(' '));
    const cases = networkTools.filter((tool) => !(tool === 'netplan' && made.kind === 'geneve'));

    it.each(cases)('%s makes what the plan makes, and complains of nothing', (tool) => {
      const byPlan = madeFrom(inNamespace(steps.join(' && '))).made;
      expect(byPlan).toMatchObject({ up: true, addresses: made.devices?.[0]?.addresses });
      const { said, made: byTool } = madeFrom(inNamespace(`rm -rf root; mkdir root\n${write(persistentFiles(made, 'ssh://a', tool))}\n${take[tool]}`));
      expect(said).toBe('');
      expect(byTool).toEqual(byPlan);
    }, 90_000);
  });
});

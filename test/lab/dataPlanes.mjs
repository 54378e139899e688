// The data planes that Weave Net, flannel and pipework leave on a host, made with `ip` and `bridge` as those programs make them: their daemons cannot be had
// here. Names, numbers and settings are those of each one's source, which src/core/topology/makers.ts cites. Types: dataPlanes.d.mts.
import { execOn } from './client.mjs';
import { waitFor } from './wait.mjs';

const nodes = ['node1', 'node2'];
/** Whose Weave and pipework devices each host gets. */
const members = { node1: { weave: 'web2', pipework: 'web1' }, node2: { weave: 'docker2m', pipework: 'docker2n' } };
const macOf = (at) => `0a:58:0a:f4:0${at}:00`;

const batch = (lab, host, commands) => execOn(lab, host, ['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
const inside = (lab, host, pid, commands) => execOn(lab, host, ['nsenter', '-t', pid, '-n', 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
const pidOf = async (lab, host, name) => (await execOn(lab, host, ['docker', 'inspect', '--format', '{{.State.Pid}}', name])).stdout.trim();
const reaches = (lab, host, enter, address) =>
  waitFor(`${address} to be reached from ${host}`, async () => (await execOn(lab, host, [...enter, 'ping', '-c', '1', '-W', '1', address], { check: false })).code === 0, 15_000, 100);

/**
 * Weave without its kernel datapath: the bridge `weave` with `vethwe-bridge`, and a container's `ethwe` (net/bridge.go, net/veth.go).
 * The hosts' bridges are joined by the VXLAN device that weaver's datapath would hold.
 */
export async function buildWeave(lab) {
  const made = [];
  for (const [at, host] of nodes.entries()) {
    const container = members[host].weave;
    const pid = await pidOf(lab, host, container);
    const far = lab.hosts[nodes[1 - at]].address;
    await batch(lab, host, [
      'link add weave type bridge',
      'link set weave mtu 1376 up',
      `addr add 10.32.0.${at + 1}/12 dev weave`,
      'link add vethwe-bridge type veth peer name vethwe-pcap',
      'link set vethwe-bridge master weave up',
      'link set vethwe-pcap up',
      `link add vxlan-6784 type vxlan id 6784 dstport 6784 remote ${far} dev eth0`,
      'link set vxlan-6784 master weave up',
      `link add vethwepl${pid} type veth peer name ethwe netns ${pid}`,
      `link set vethwepl${pid} mtu 1376 master weave up`,
    ]);
    // Docker lets nothing be forwarded that nobody asked for, bridged frames included.
    await execOn(lab, host, ['iptables', '-I', 'FORWARD', '-i', 'weave', '-o', 'weave', '-j', 'ACCEPT']);
    await inside(lab, host, pid, ['link set ethwe mtu 1376 up', `addr add 10.32.1.${at + 1}/12 dev ethwe`]);
    made.push({ host, container, pid: Number(pid), outer: `vethwepl${pid}`, address: `10.32.1.${at + 1}` });
  }
  await reaches(lab, 'node1', ['nsenter', '-t', String(made[0].pid), '-n'], made[1].address);
  return made;
}

export async function removeWeave(lab) {
  for (const host of nodes) {
    const pid = await pidOf(lab, host, members[host].weave);
    await execOn(lab, host, ['iptables', '-D', 'FORWARD', '-i', 'weave', '-o', 'weave', '-j', 'ACCEPT'], { check: false });
    for (const name of [`vethwepl${pid}`, 'vxlan-6784', 'vethwe-bridge', 'weave']) await execOn(lab, host, ['ip', 'link', 'del', name], { check: false });
  }
}

/** flannel's vxlan backend: `flannel.1` with the other host's route, neighbour and forwarding entry (pkg/backend/vxlan), and /run/flannel/subnet.env. */
export async function buildFlannel(lab) {
  for (const [at, host] of nodes.entries()) {
    const far = 1 - at;
    await batch(lab, host, [
      `link add flannel.1 address ${macOf(at)} type vxlan id 1 local ${lab.hosts[host].address} dev eth0 dstport 8472 nolearning`,
      `addr add 10.244.${at}.0/32 dev flannel.1`,
      'link set flannel.1 mtu 1450 up',
      `neigh replace 10.244.${far}.0 lladdr ${macOf(far)} dev flannel.1 nud permanent`,
      `route add 10.244.${far}.0/24 via 10.244.${far}.0 dev flannel.1 onlink`,
    ]);
    await execOn(lab, host, ['bridge', 'fdb', 'replace', macOf(far), 'dev', 'flannel.1', 'dst', lab.hosts[nodes[far]].address, 'self', 'permanent']);
    await execOn(lab, host, ['sh', '-c', 'mkdir -p /run/flannel; cat >/run/flannel/subnet.env'], { input: `FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.${at}.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n` });
  }
  await reaches(lab, 'node1', [], '10.244.1.0');
}

export async function removeFlannel(lab) {
  for (const host of nodes) {
    await execOn(lab, host, ['ip', 'link', 'del', 'flannel.1'], { check: false });
    await execOn(lab, host, ['rm', '-rf', '/run/flannel']);
  }
}

/** `pipework br1 CONTAINER 192.168.242.N/24`, with that script's names. */
export async function buildPipework(lab, host) {
  const container = members[host].pipework;
  const pid = await pidOf(lab, host, container);
  await batch(lab, host, ['link add br1 type bridge', 'link set br1 up', `link add veth1pl${pid} mtu 1500 type veth peer name veth1pg${pid} mtu 1500`, `link set veth1pl${pid} master br1 up`, `link set veth1pg${pid} netns ${pid} name eth1`]);
  await inside(lab, host, pid, ['addr add 192.168.242.1/24 dev eth1', 'link set eth1 up']);
  return { container, pid: Number(pid), outer: `veth1pl${pid}`, address: '192.168.242.1' };
}

export async function removePipework(lab, host) {
  const pid = await pidOf(lab, host, members[host].pipework);
  for (const name of [`veth1pl${pid}`, 'br1']) await execOn(lab, host, ['ip', 'link', 'del', name], { check: false });
}

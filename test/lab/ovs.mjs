// Open vSwitch on the lab's hosts, with its datapath in user space (the kernel module is not everywhere), and the data planes of the
// three experiments that tutorials on Docker and Open vSwitch walk through. Types: ovs.d.mts.
import { readFile } from 'node:fs/promises';
import { execOn } from './client.mjs';
import { markedEnvironment } from './hosts.mjs';
import { run } from './processes.mjs';
import { waitFor } from './wait.mjs';

const script = new URL('host/openvswitch.sh', import.meta.url);

async function control(lab, host, ...words) {
  await execOn(lab, host, ['sh', '-s', ...words], { input: await readFile(script, 'utf8') });
}

export const startOvs = (lab, host) => control(lab, host, 'start');
export const stopOvs = (lab, host) => control(lab, host, 'stop');
export const killOvs = (lab, host, daemon) => control(lab, host, 'kill', daemon);
export const hangOvs = (lab, host, daemon) => control(lab, host, 'hang', daemon);
export const resumeOvs = (lab, host, daemon) => control(lab, host, 'resume', daemon);

/** What the tutorial's two machines have: 10.0.0.3 and 10.0.0.4. */
export const underlay = { node1: '10.0.0.3', node2: '10.0.0.4' };

const nodes = ['node1', 'node2'];
const far = { node1: 'node2', node2: 'node1' };
const userSpace = 'datapath_type=netdev';

/**
 * A wire between node1 and node2 of their own, on a bridge `br-phy` with the host's underlay address: a datapath in user space sends its tunnels'
 * packets through its own bridges alone (ovs-router). Starts Open vSwitch on both.
 */
export async function wireOvs(lab) {
  await Promise.all(nodes.map((node) => startOvs(lab, node)));
  const [one, two] = nodes.map((node) => lab.hosts[node].process.pid);
  await run(['nsenter', `--net=/proc/${one}/ns/net`, 'ip', 'link', 'add', 'ovs-wire', 'type', 'veth', 'peer', 'name', 'ovs-wire', 'netns', String(two)], { env: markedEnvironment(lab) });
  for (const node of nodes) {
    await execOn(lab, node, ['ovs-vsctl', '--timeout=20', 'add-br', 'br-phy', '--', 'set', 'bridge', 'br-phy', userSpace, '--', 'add-port', 'br-phy', 'ovs-wire']);
    await execOn(lab, node, ['ip', '-batch', '-'], { input: `link set ovs-wire up\naddr add ${underlay[node]}/24 dev br-phy\nlink set br-phy up\n` });
  }
  await reaches(lab, 'node1', [], underlay.node2);
}

export async function unwireOvs(lab) {
  await Promise.all(nodes.map((node) => stopOvs(lab, node)));
  await execOn(lab, 'node1', ['ip', 'link', 'del', 'ovs-wire'], { check: false });
}

/** One container of each host and of each tenant, with the addresses that the experiments give them. */
const members = {
  1: [{ name: 'ovs-a', last: 100, node: 'node1' }, { name: 'ovs-b', last: 101, node: 'node2' }],
  2: [{ name: 'ovs-a', last: 100, node: 'node1' }, { name: 'ovs-b', last: 101, node: 'node2' }],
  3: [
    { name: 'ovs-a10', last: 100, node: 'node1', tag: 10 },
    { name: 'ovs-b10', last: 101, node: 'node2', tag: 10 },
    { name: 'ovs-a20', last: 102, node: 'node1', tag: 20 },
    { name: 'ovs-b20', last: 103, node: 'node2', tag: 20 },
  ],
};

/**
 * 1: containers on docker0, which has the bridge br0 as a port, and br0 a GRE port to the other host. 2: containers on br0 itself.
 * 3: the same with a VLAN for each pair of containers. As ovs-tunnel-setup.sh and start-container.sh do it, but for the datapath's type.
 * @returns what was built; resolves when containers of one network reach each other.
 */
export async function buildOvsExperiment(lab, number) {
  const containers = [];
  for (const node of nodes) {
    const own = underlay[node];
    const bridge = ['ovs-vsctl', '--timeout=20', 'add-br', 'br0', '--', 'set', 'bridge', 'br0', userSpace];
    const port = ['--', 'add-port', 'br0', 'gre0', '--', 'set', 'interface', 'gre0', 'type=gre', `options:remote_ip=${underlay[far[node]]}`];
    await execOn(lab, node, [...bridge, ...port]);
    const address = `172.15.42.${own.endsWith('.3') ? '1' : '2'}/24`;
    const commands = number === 1 ? ['link set br0 master docker0 up', `addr add ${address} dev docker0`, 'link set docker0 up'] : [`addr add ${address} dev br0`, 'link set br0 up'];
    await execOn(lab, node, ['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }
  for (const { name, last, node, tag } of members[number]) {
    const image = (await execOn(lab, node, ['docker', 'inspect', '--format', '{{.Image}}', node === 'node1' ? 'docker1n' : 'docker2n'])).stdout.trim();
    const id = (await execOn(lab, node, ['docker', 'run', '-d', '--net=none', '--name', name, '--stop-signal', 'SIGKILL', image, 'sleep', '2147483647'])).stdout.trim();
    const pid = (await execOn(lab, node, ['docker', 'inspect', '--format', '{{.State.Pid}}', id])).stdout.trim();
    const [outer, inner] = [`tap${pid}`, `peertap${pid}`];
    await execOn(lab, node, ['ip', '-batch', '-'], { input: `link add ${outer} type veth peer name ${inner}\nlink set ${inner} netns ${pid}\nlink set ${outer} up${number === 1 ? ' master docker0' : ''}\n` });
    const inside = [`link set ${inner} name eth0 up`, `addr add 172.15.42.${last}/24 dev eth0`, 'route add default via 172.15.42.1'];
    await execOn(lab, node, ['nsenter', '-t', pid, '-n', 'ip', '-batch', '-'], { input: `${inside.join('\n')}\n` });
    if (number !== 1) await execOn(lab, node, ['ovs-vsctl', '--timeout=20', 'add-port', 'br0', outer, ...(tag === undefined ? [] : [`tag=${tag}`])]);
    containers.push({ name, node, id, pid: Number(pid), port: outer, address: `172.15.42.${last}`, ...(tag !== undefined && { tag }) });
  }
  for (const one of containers) {
    for (const other of containers) if (one.node === 'node1' && other.node === 'node2' && one.tag === other.tag) await reaches(lab, 'node1', ['nsenter', '-t', String(one.pid), '-n'], other.address);
  }
  return { containers };
}

export async function removeOvsExperiment(lab, number) {
  for (const { name, node } of members[number]) await execOn(lab, node, ['docker', 'rm', '-f', name], { check: false });
  for (const node of nodes) {
    await execOn(lab, node, ['ovs-vsctl', '--timeout=20', '--if-exists', 'del-br', 'br0'], { check: false });
    if (number === 1) await execOn(lab, node, ['ip', 'addr', 'del', `172.15.42.${node === 'node1' ? '1' : '2'}/24`, 'dev', 'docker0'], { check: false });
  }
}

function reaches(lab, node, enter, address) {
  return waitFor(`${address} to be reached from ${node}`, async () => (await execOn(lab, node, [...enter, 'ping', '-c', '1', '-W', '1', address], { check: false })).code === 0, 20_000, 100);
}

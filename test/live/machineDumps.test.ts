import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Command } from '../../src/core/command/command';
import { dumpCommand, renderDump, type DumpOutput } from '../../src/core/command/dump';
import type { DumpId } from '../../src/core/command/dumps';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { startMachines, type Machines } from '../lab/machines/machines.mjs';
import { describeInLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { scan, through } from './scanSupport';

const [one, two] = ['192.168.57.11', '192.168.57.12'];
const virtual = '192.168.57.100';

/** Of both machines: a web server on the second; on the first a service of NAT and one of tunnels, and another in a namespace. */
const services = {
  vm2: 'mkdir -p /www; echo hello >/www/index.html; httpd -p 8080 -h /www',
  vm1: `set -e
ip addr add ${virtual}/32 dev eth1
ipvsadm -A -t ${virtual}:80 -s rr
ipvsadm -a -t ${virtual}:80 -r ${two}:8080 -m -w 3
ipvsadm -a -t ${virtual}:80 -r 192.168.57.99:8080 -m -w 0
ipvsadm -A -f 7 -s rr
ipvsadm -a -f 7 -r ${two} -i -w 5
ip netns add apart
ip -n apart link set lo up
ip netns exec apart ipvsadm -A -u 10.77.0.1:53 -s rr
ip netns exec apart ipvsadm -a -u 10.77.0.1:53 -r 10.77.0.2:5353 -m`,
};

describeInLab("dumps of what the kernel of the lab lacks, on virtual machines with Debian's own kernel", () => {
  let machines: Machines | undefined;
  let transport: Transport;
  /** All that was sent there, by the transport. */
  const sent: string[] = [];

  const on = (machine: string, script: string): string => machines!.run(machine, script).trim();
  const target = (path: string): EnterTarget => ({ inode: Number(on('vm1', `stat -L -c %i ${path}`)), paths: path.startsWith('/run') ? [path] : [], pids: path.startsWith('/run') ? [] : [1], rootPids: [], label: 'vm1' });
  const dump = async (ids: readonly DumpId[], path = '/proc/1/ns/net', words: readonly string[] = []): Promise<DumpOutput> => {
    const command = dumpCommand(target(path), ids);
    return command.parse(await transport.run({ ...command, argv: [...words, ...command.argv] as [string, ...string[]] }, { limitMs: 30_000 }));
  };

  beforeAll(async () => {
    machines = await startMachines();
    const note = (command: Command): Command => {
      sent.push(JSON.stringify([command.argv, command.stdin]));
      return command;
    };
    const vm1 = openTransport({ kind: 'ssh', host: 'vm1' }, { questions: noQuestions, sshConfigFile: machines.sshConfig });
    transport = through(vm1, note);
    await vm1.connect();
  }, 240_000);

  afterAll(async () => {
    transport.dispose();
    await machines?.stop();
  });

  it('IPVS: services and their real servers with scheduler, way and weight, of this namespace alone, and what was counted', { timeout: 60_000 }, async () => {
    on('vm2', services.vm2);
    on('vm1', services.vm1);
    expect(on('vm1', `busybox wget -q -O - http://${virtual}/`)).toBe('hello');
    const output = await dump(['ipvs']);
    expect(output.parts.map(({ argv, code }) => [argv.join(' '), code])).toEqual([['ipvsadm -L -n', 0], ['ipvsadm -L -n --stats', 0]]);
    const [list = '', stats = ''] = output.parts.map(({ text }) => text);
    expect(list).toMatch(new RegExp(`^TCP +${virtual}:80 rr\\n +-> 192\\.168\\.57\\.12:8080 +Masq +3 .*\\n +-> 192\\.168\\.57\\.99:8080 +Masq +0 `, 'm'));
    expect(list).toMatch(/^FWM +7 rr\n +-> 192\.168\.57\.12:0 +Tunnel +5 /m);
    expect(list).not.toContain('10.77.0.1');
    // One connection, by the server that has a weight.
    expect(stats).toMatch(new RegExp(`^TCP +${virtual}:80 +1 `, 'm'));
    expect(stats).toMatch(/^ +-> 192\.168\.57\.12:8080 +1 +[1-9]/m);
    expect(stats).toMatch(/^ +-> 192\.168\.57\.99:8080 +0 +0 /m);
    // What the tool itself says, but for the connections that end meanwhile.
    const counted = (text: string): string => text.replace(/ +\d+ +\d+ *$/gm, '');
    expect(counted(list).trim()).toBe(counted(on('vm1', 'ipvsadm -L -n')).trim());
    const apart = (await dump(['ipvs'], '/run/netns/apart')).parts[0]?.text ?? '';
    expect(apart).toMatch(/^UDP +10\.77\.0\.1:53 rr\n +-> 10\.77\.0\.2:5353 +Masq +1 /m);
    expect(apart).not.toContain(virtual);
  });

  it('IPVS without ipvsadm: the table of the kernel itself', { timeout: 60_000 }, async () => {
    const { parts } = await dump(['ipvs'], '/proc/1/ns/net', ['unshare', '--mount', 'sh', '-c', ': >/run/none && mount --bind /run/none /sbin/ipvsadm && exec "$@"', 'sh']);
    expect(parts[0]?.text).toContain('ipvsadm is not installed on this host');
    const list = parts.find(({ argv }) => argv.join(' ') === 'cat /proc/net/ip_vs');
    // 192.168.57.100:80 and 192.168.57.12:8080 (ip_vs_info_seq_show in net/netfilter/ipvs/ip_vs_ctl.c).
    expect(list?.text).toMatch(/^TCP +C0A83964:0050 rr/m);
    expect(list?.text).toMatch(/^ +-> C0A8390C:1F90 +Masq +3 /m);
  });

  it("WireGuard: peers with endpoint, addresses, handshake and traffic; private and preshared keys are in no command's answer, and none is asked for them", { timeout: 90_000 }, async () => {
    const [firstKey, secondKey, shared] = [on('vm1', 'wg genkey'), on('vm1', 'wg genkey'), on('vm1', 'wg genpsk')];
    const publicOf = (key: string): string => on('vm1', `echo ${key} | wg pubkey`);
    const [first, second] = [publicOf(firstKey), publicOf(secondKey)];
    const up = (machine: string, key: string, peer: string, far: string, own: number, other: number): string =>
      on(machine, `set -e
echo ${key} >/run/key; echo ${shared} >/run/psk
ip link add wg0 type wireguard
wg set wg0 listen-port 51820 private-key /run/key peer ${peer} preshared-key /run/psk endpoint ${far}:51820 allowed-ips 10.66.0.${String(other)}/32,fd66::/64
ip addr add 10.66.0.${String(own)}/24 dev wg0
ip link set wg0 up`);
    up('vm1', firstKey, second, two, 1, 2);
    up('vm2', secondKey, first, one, 2, 1);
    on('vm1', 'for turn in 1 2 3 4 5; do ping -c 1 -W 2 10.66.0.2 && exit; done; exit 1');
    sent.length = 0;
    const output = await dump(['wireguard']);
    const text = renderDump(output);
    expect(text).toContain(`${second}\t${two}:51820\n`);
    expect(text).toMatch(new RegExp(`${second.replace(/[+/]/g, '\\$&')}\\t10\\.66\\.0\\.2/32 fd66::/64\\n`));
    const handshake = Number(new RegExp(`latest-handshakes\\n${second.replace(/[+/]/g, '\\$&')}\\t(\\d+)\\n`).exec(text)?.[1]);
    expect(Math.abs(handshake - Number(on('vm1', 'date +%s')))).toBeLessThan(120);
    expect(text).toMatch(new RegExp(`transfer\\n${second.replace(/[+/]/g, '\\$&')}\\t[1-9]\\d*\\t[1-9]\\d*\\n`));
    expect(text).toContain(`$ wg show wg0 public-key\n${first}\n`);
    const snapshot = await scan(transport, { limitMs: 60_000 });
    expect(snapshot.namespaces.flatMap(({ links }) => links).find(({ name }) => name === 'wg0')).toMatchObject({ kind: 'wireguard' });
    // The test's own reading finds them, so they are there to be found.
    expect(on('vm1', 'wg show wg0 dump')).toContain(firstKey);
    for (const secret of [firstKey, shared]) {
      expect(text).not.toContain(secret);
      expect(JSON.stringify(output)).not.toContain(secret);
      expect(JSON.stringify(snapshot)).not.toContain(secret);
    }
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.join('\n')).toContain('wg show');
    for (const command of sent) expect(command).not.toMatch(/private-key|preshared-keys|showconf|wg show [^\n]*\bdump\b/);
  });
});

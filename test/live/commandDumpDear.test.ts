import { createServer } from 'node:net';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { dumpCommand, renderDump, type DumpOutput } from '../../src/core/command/dump';
import { dumpById, type DumpId } from '../../src/core/command/dumps';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { annotateProcesses, containersOfCgroups } from '../../src/core/report/annotateProcesses';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { ask, askOn, atEnd, describeAsRoot, describeInLab, makeNamespace, runHere, runOn, targetOf, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { programs } from './scanSupport';

const dump = (target: EnterTarget, ids: readonly DumpId[], path?: string): DumpOutput => {
  const command = dumpCommand(target, ids);
  return command.parse(runHere(command.argv, path === undefined ? process.env : { ...process.env, PATH: `${path}:${process.env['PATH'] ?? ''}` }));
};
const nameOf = (path: string): string => path.slice('/run/netns/'.length);

describeAsRoot('dumps that are read on demand', () => {
  test('counters: what the kernel counted and dropped on each device', () => {
    const path = makeNamespace();
    const inside = (...argv: string[]): string => ask('ip', 'netns', 'exec', nameOf(path), ...argv);
    inside('ip', 'link', 'set', 'lo', 'up');
    inside('ping', '-c', '2', '-i', '0.01', '-q', '127.0.0.1');
    const output = dump(targetOf(path), ['counters']);
    const packets = /^lo: +\d+ +(\d+)/m.exec(inside('sh', '-c', "sed 's/^ *//' /proc/net/dev"))?.[1];
    expect(Number(packets)).toBeGreaterThanOrEqual(4);
    expect(output.parts[0]?.text).toMatch(new RegExp(`RX: +bytes +packets +errors +dropped.*\\n +\\d+ +${packets ?? ''} `));
  });

  test('offloads: of each device but the loopback and the veth ports of bridges, whatever a name holds', () => {
    const path = makeNamespace();
    const ip = (...argv: string[]): string => ask('ip', '-n', nameOf(path), ...argv);
    ip('link', 'add', 'br0', 'type', 'bridge');
    ip('link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'free;$(id)*');
    ip('link', 'set', 'port0', 'master', 'br0');
    const text = dump(targetOf(path), ['offloads']).parts[0]?.text ?? '';
    expect([...text.matchAll(/^Features for (.*):$/gm)].map(([, name]) => name).sort()).toEqual(['br0', 'free;$(id)*']);
    expect(text).toContain('tx-checksumming: on');
    expect(text).toContain('(1 veth ports of bridges are left out: dump the namespaces of their other ends.)');
  });

  test('IPsec: states and policies with counters, and no key', () => {
    const path = makeNamespace();
    const xfrm = (...argv: string[]): string => ask('ip', '-n', nameOf(path), 'xfrm', ...argv);
    const state = ['src', '192.0.2.1', 'dst', '192.0.2.2', 'proto', 'esp'] as const;
    const keys = ['auth', 'hmac(sha1)', '0x5ec4e7000102030405060708090a0b0c0d0e0f10', 'enc', 'cbc(aes)', '0x5ec4e7aa112233445566778899aabbcc'] as const;
    const added = runHere(['ip', '-n', nameOf(path), 'xfrm', 'state', 'add', ...state, 'spi', '0x17', 'mode', 'tunnel', ...keys]);
    if (added.code === 0) expect(xfrm('state', 'list')).toContain('5ec4e7');
    else {
      // A kernel without ESP holds states that wait for their keys, no others.
      expect(added.stderr).toContain('Requested type not found');
      xfrm('state', 'allocspi', ...state, 'mode', 'tunnel', 'min', '256', 'max', '512');
    }
    xfrm('policy', 'add', 'src', '10.1.0.0/24', 'dst', '10.2.0.0/24', 'dir', 'out', 'tmpl', 'src', '192.0.2.1', 'dst', '192.0.2.2', 'proto', 'esp', 'mode', 'tunnel');
    const output = dump(targetOf(path), ['xfrm']);
    expect(output.parts.map((part) => part.code)).toEqual([0, 0]);
    const text = renderDump(output);
    expect(text).toContain('src 192.0.2.1 dst 192.0.2.2');
    expect(text).toMatch(/lifetime current:/);
    expect(text).toContain('src 10.1.0.0/24 dst 10.2.0.0/24');
    expect(text).not.toContain('5ec4e7');
  });

  test('IPsec with an iproute2 that does not know "nokeys" (a stand-in for it): no state is read, which is said; policies are', () => {
    const path = makeNamespace();
    const old = programs({ ip: '#!/bin/sh\ncase " $* " in *" nokeys "*) echo "Command line is not complete. Try option \\"help\\"" >&2; exit 255 ;; *" state "*) echo 0x5ec4e7 ;; esac\nexec /sbin/ip "$@"\n' });
    const output = dump(targetOf(path), ['xfrm'], old);
    expect(output.parts[0]).toMatchObject({ code: 255, text: expect.stringMatching(/^Command line is not complete.*\nThe states were not read: .* their keys would be printed\.\n/) as string });
    expect(output.parts[1]?.code).toBe(0);
    expect(renderDump(output)).not.toContain('5ec4e7');
  });

  test('WireGuard, of a stand-in that speaks its configuration protocol (this kernel has none): peers, endpoints and traffic, and neither private nor preshared keys', async () => {
    const path = makeNamespace();
    ask('ip', '-n', nameOf(path), 'link', 'add', 'wgtest0', 'type', 'veth', 'peer', 'name', 'other0');
    const [hidden, psk, peer] = ['11', '22', '33'].map((byte) => byte.repeat(32)) as [string, string, string];
    const folder = '/run/wireguard';
    if (!existsSync(folder)) {
      mkdirSync(folder);
      atEnd(() => void runHere(['rmdir', folder]));
    }
    let asked = 0;
    const server = createServer((socket) => {
      socket.once('data', () => {
        asked++;
        socket.end(`private_key=${hidden}\nlisten_port=51820\npublic_key=${peer}\npreshared_key=${psk}\nendpoint=192.0.2.7:51820\nallowed_ip=10.9.0.0/24\nlast_handshake_time_sec=1700000000\nlast_handshake_time_nsec=0\nrx_bytes=1234\ntx_bytes=5678\nprotocol_version=1\nerrno=0\n\n`);
      });
    });
    server.listen(`${folder}/wgtest0.sock`);
    await once(server, 'listening');
    const command = dumpCommand(targetOf(path), ['wireguard']);
    const run = async (...argv: [string, ...string[]]): Promise<string> => {
      const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
      await once(child, 'close');
      return text;
    };
    try {
      const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
      expect(await run('ip', 'netns', 'exec', nameOf(path), 'wg', 'show', 'wgtest0', 'dump')).toContain(base64(hidden));
      const before = asked;
      const text = renderDump(command.parse({ stdout: await run(...(command.argv as [string, ...string[]])), stderr: '', code: 0 }));
      expect(asked - before).toBe(9);
      expect(text).toContain(`$ wg show wgtest0 endpoints\n${base64(peer)}\t192.0.2.7:51820\n`);
      expect(text).toContain(`${base64(peer)}\t10.9.0.0/24\n`);
      expect(text).toContain(`${base64(peer)}\t1700000000\n`);
      expect(text).toContain(`${base64(peer)}\t1234\t5678\n`);
      for (const secret of [hidden, psk]) expect(text).not.toContain(base64(secret));
      // It answers from any namespace, its device is in one.
      const elsewhere = dumpCommand(targetOf(makeNamespace()), ['wireguard']);
      expect(await run(...(elsewhere.argv as [string, ...string[]]))).toContain('No WireGuard device is in this namespace.');
    } finally {
      server.close();
    }
  });

  test("Weave's status, of a stand-in that answers as its router does (Weave cannot be had): by whichever client there is, and a sentence where nothing answers", async () => {
    const path = makeNamespace();
    ask('ip', '-n', nameOf(path), 'link', 'set', 'lo', 'up');
    const pages = { '/status': 'Version: 2.8.1\n Service: router\n', '/status/connections': '-> 192.0.2.2:6783 established sleeve\n', '/status/peers': 'aa:bb(node1)\n' };
    const server = spawn('ip', ['netns', 'exec', nameOf(path), process.execPath, '-e', `const pages = JSON.parse(process.argv[1]); require('http').createServer((q, a) => { a.statusCode = pages[q.url] ? 200 : 404; a.end(pages[q.url]); }).listen(6784, '127.0.0.1', () => console.log('ready'));`, JSON.stringify(pages)], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void server.kill());
    await once(server.stdout, 'data');
    const run = (...clients: string[]): readonly (readonly [string, number | undefined])[] => {
      const folder = programs({});
      for (const program of ['sh', 'env', 'head', ...clients]) symlinkSync(ask('which', program).trim(), `${folder}/${program}`);
      return dumpById('weave').commands.map(({ argv }) => {
        const { stdout, code } = runHere(['ip', 'netns', 'exec', nameOf(path), 'env', `PATH=${folder}`, ...argv]);
        return [stdout, code];
      });
    };
    for (const client of ['curl', 'wget']) expect([client, run(client)]).toEqual([client, Object.values(pages).map((text) => [text, 0])]);
    expect(run()[0]).toEqual(['Neither curl nor wget is on this host, so nothing was asked.\n', 127]);
    expect(dump(targetOf(path), ['weave']).parts.map(({ text, code }) => [text, code])).toEqual(Object.values(pages).map((text) => [text, 0]));
    const silent = dump(targetOf(makeNamespace()), ['weave']).parts;
    expect(silent.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(silent[0]?.text).toContain("Weave's router does not answer at 127.0.0.1:6784 in this namespace");
  });

  test('IPVS: where the kernel has it not, that is said and nothing loaded', () => {
    const { parts } = dump(targetOf(makeNamespace()), ['ipvs']);
    if (existsSync('/proc/net/ip_vs')) expect(parts.map((part) => [part.argv[0], part.code])).toEqual([['ipvsadm', 0], ['ipvsadm', 0]]);
    else expect(parts.map((part) => part.text)).toEqual(Array(2).fill('The kernel of this host has not loaded ip_vs, so there is nothing to show. (Asking would load it.)\n'));
    expect(existsSync('/proc/net/ip_vs')).toBe(/\bip_vs\b/.test(runHere(['cat', '/proc/modules']).stdout) || existsSync('/proc/net/ip_vs'));
  });

  test('sysctls: the short list, and of the devices only what is on', () => {
    const path = makeNamespace();
    const name = nameOf(path);
    ask('ip', '-n', name, 'link', 'add', 'quiet0', 'type', 'veth', 'peer', 'name', 'proxy0');
    ask('ip', 'netns', 'exec', name, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/proxy0/proxy_arp; echo 0 >/proc/sys/net/ipv4/conf/quiet0/rp_filter; echo 1 >/proc/sys/net/ipv4/ip_forward');
    const text = renderDump(dump(targetOf(path), ['sysctls']));
    expect(text).toContain('net.ipv4.ip_forward = 1\n');
    expect(text).toContain('gc_thresh* hold for the whole machine');
    expect(text).toContain('/proc/sys/net/ipv4/conf/proxy0/proxy_arp:1\n');
    expect(text).not.toContain('quiet0/rp_filter');
    expect(text.split('\n').length).toBeLessThan(60);
  });
});

describeInLab("dumps on demand of the lab's hosts", () => {
  const target = (pid: string): EnterTarget => ({ inode: Number(askOn('node1', 'stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`)), paths: [], pids: [Number(pid)], rootPids: [], label: 'lab@node1' });
  const dumpOn = (pid: string, ids: readonly DumpId[]): DumpOutput => {
    const command = dumpCommand(target(pid), ids);
    return command.parse(runOn('node1', command.argv));
  };

  test('listening sockets: each with its process, and with the container that the process belongs to, in whichever namespace it listens', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    atEnd(() => {
      engine.dispose();
      transport.dispose();
    });
    const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 20_000 }) }]);
    const pid = askOn('node1', 'docker', 'inspect', '-f', '{{.State.Pid}}', 'web1');
    const [sockets, groups] = dumpOn(pid, ['listening']).parts;
    const containers = containersOfCgroups(groups?.text ?? '', topology, 'ssh://node1');
    expect(containers.get(Number(pid))).toBe('web1');
    expect(annotateProcesses(sockets?.text ?? '', containers)).toMatch(new RegExp(`:80 .*pid=${pid},fd=\\d+\\)\\) +# web1$`, 'm'));
    // The host's own namespace: the engine's proxy is no container's process.
    const own = dumpOn('1', ['listening']).parts;
    const shown = annotateProcesses(own[0]?.text ?? '', containersOfCgroups(own[1]?.text ?? '', topology, 'ssh://node1'));
    expect(shown).toMatch(/:8080 .*"docker-proxy"/);
    expect(shown.split('\n').find((line) => line.includes('docker-proxy'))).not.toContain('  # ');
  });

  test('connections counted by family, protocol and state: the same number as conntrack lists', () => {
    askOn('node1', 'docker', 'exec', 'web2', 'wget', '-q', '-O', '/dev/null', 'http://web1/');
    const part = dumpOn('1', ['conntrackSummary']).parts;
    expect(part[0]?.text).toMatch(/nf_conntrack_max = \d+/);
    const rows = (part[1]?.text ?? '').trim().split('\n');
    for (const row of rows) expect(row).toMatch(/^\d+ ipv[46] \S+ (?:[A-Z_0-9]+|-)$/);
    const states = new Set(askOn('node1', 'conntrack', '-L', '-o', 'extended').split('\n').flatMap((line) => /^(ipv[46]) +\d+ +(\S+) +\d+ +\d+ +([A-Z_]+) /.exec(line)?.slice(1).join(' ') ?? []));
    for (const state of states) expect(rows.map((row) => row.replace(/^\d+ /, ''))).toContain(state);
  });
});

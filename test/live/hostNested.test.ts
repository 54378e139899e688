import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseHostAddress } from '../../src/core/model/address';
import { openTransport } from '../../src/host/openTransport';
import { noQuestions } from './hostQuestions';
import { local, scan } from './scanSupport';
import { transportContract } from './transportContract';

let holder: ChildProcess;
let inner: number;

beforeAll(async () => {
  // The first process of namespaces of its own, as a container's is; it says so itself when /proc is its own.
  holder = spawn('unshare', ['-m', '-n', '-p', '-i', '-u', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', 'hostname nested-one; ip link set lo up; mount -t tmpfs none /mnt; ln -s /mnt/real.sock /mnt/link.sock; echo ready; exec sleep infinity'], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (holder.stdout) await once(holder.stdout, 'data');
  inner = Number(readFileSync(`/proc/${String(holder.pid)}/task/${String(holder.pid)}/children`, 'utf8').trim());
});
afterAll(() => holder.kill('SIGKILL'));

const startTime = (pid: number) => readFileSync(`/proc/${String(pid)}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[19] ?? '';
const open = (start = startTime(inner)) => openTransport(parseHostAddress(`nested:${String(inner)}.${start}@local`), { questions: noQuestions });

transportContract({ name: 'nested, in namespaces on this machine', open: () => open(), privilege: 'root' });

it("runs in the process's namespaces, not in this machine's", async () => {
  const transport = open();
  const { stdout } = await transport.run({ argv: ['sh', '-c', 'hostname; readlink /proc/self/ns/net'], privilege: 'user' }, { limitMs: 10_000 });
  expect(stdout).toBe(`nested-one\n${readlinkSync(`/proc/${String(inner)}/ns/net`)}\n`);
  transport.dispose();
});

it('refuses a process that began at another time, for its pid was given again', async () => {
  const transport = open('1');
  const gone = { code: 'vanished', message: `Process ${String(inner)} on local, by which the nested host was entered, has ended. Add the nested host again.` };
  await expect(transport.connect()).rejects.toMatchObject(gone);
  await expect(transport.openTerminal({ argv: ['sh'], privilege: 'root' }, { columns: 80, rows: 24 })).rejects.toMatchObject(gone);
  await expect(transport.openStream({ kind: 'unixSocket', path: '/run/docker.sock' })).rejects.toMatchObject(gone);
  transport.dispose();
});

it('opens a socket by an absolute symbolic link inside, not what the link would name on this machine', async () => {
  const listen = "require('fs').rmSync('/mnt/real.sock', { force: true }); require('net').createServer((s) => s.end('from inside')).listen('/mnt/real.sock', () => console.log('up'))";
  const server = spawn('nsenter', ['-t', String(inner), '-m', '-n', '--', process.execPath, '-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(server.stdout, 'data');
    const transport = open();
    const stream = await transport.openStream({ kind: 'unixSocket', path: '/mnt/link.sock' });
    const [data] = (await once(stream, 'data')) as [Buffer];
    expect(data.toString()).toBe('from inside');
    transport.dispose();
  } finally {
    server.kill('SIGKILL');
  }
});

it('enters the namespace that most threads of the process are in, and a scan tells that one, where the first thread is in another (python as a stand-in for a dockerd that did not bring it back)', async () => {
  // unshare(2) moves the calling thread alone; PR_SET_NAME gives the name that an engine's process has.
  const moved = [
    'import ctypes, threading, time',
    'libc = ctypes.CDLL(None, use_errno=True)',
    'for _ in range(5): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()',
    'libc.prctl(15, b"dockerd", 0, 0, 0)',
    'print(libc.unshare(0x40000000), flush=True)',
    'time.sleep(600)',
  ].join('\n');
  const stray = spawn('unshare', ['-m', '-n', '-p', '-i', '-u', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', 'hostname nested-two; exec python3 -c "$1"', 'sh', moved], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(stray.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('0\n');
    const pid = Number(readFileSync(`/proc/${String(stray.pid)}/task/${String(stray.pid)}/children`, 'utf8').trim());
    const leader = readlinkSync(`/proc/${String(pid)}/ns/net`);
    const most = readlinkSync(`/proc/${String(pid)}/task/${readdirSync(`/proc/${String(pid)}/task`).find((task) => task !== String(pid)) ?? ''}/ns/net`);
    expect(most).not.toBe(leader);
    const transport = openTransport(parseHostAddress(`nested:${String(pid)}.${startTime(pid)}@local`), { questions: noQuestions });
    expect((await transport.run({ argv: ['readlink', '/proc/self/ns/net'], privilege: 'user' }, { limitMs: 10_000 })).stdout.trim()).toBe(most);
    transport.dispose();
    const here = local();
    const found = (await scan(here)).nested?.find(({ process }) => process.pid === pid);
    here.dispose();
    expect(found).toMatchObject({ engine: 'docker', hostname: 'nested-two', namespace: expect.stringMatching(new RegExp(`:${/\d+/.exec(most)?.[0] ?? ''}$`)) as string });
  } finally {
    stray.kill('SIGKILL');
  }
});

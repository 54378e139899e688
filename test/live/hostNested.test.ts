import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseHostAddress } from '../../src/core/model/address';
import { openTransport } from '../../src/host/openTransport';
import { noQuestions } from './hostQuestions';
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

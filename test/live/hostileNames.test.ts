import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findTarget } from '../../src/cli/findTarget';
import { dumpCommand } from '../../src/core/command/dump';
import { enterCommand } from '../../src/core/command/enter';
import { enterTarget } from '../../src/core/command/enterTarget';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { cli } from './cliSupport';
import { atEnd, describeAsRoot, describeInLab, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { local, prefixed, scan, through } from './scanSupport';

/** A name's bytes, as printf of sh takes them, and how it is shown and typed. */
const names: readonly (readonly [bytes: string, shown: string])[] = [
  ['x\\377', 'x\\xff'],
  ['x\\134xff', 'x\\\\xff'],
  ['x\\303', 'x\\xc3'],
  ['\\201\\210\\200', '\\x81\\x88\\x80'],
  ['\\355\\263\\277', '\\xed\\xb3\\xbf'],
  ['a\\015b', 'a\\rb'],
  ['new\\012line', 'new\\nline'],
  ['tab\\011and  blanks', 'tab\\tand  blanks'],
  ['back\\134slash', 'back\\\\slash'],
  ['quo"te', 'quo"te'],
  ["it\\047s", "it's"],
  ['esc\\033[31m', 'esc\\x1b[31m'],
  ['c1\\302\\233m', 'c1\\u{9b}m'],
  ['gr\\303\\266\\303\\237e', 'größe'],
  ['bidi\\342\\200\\256', 'bidi\\u{202e}'],
  ['%%s*$(id)', '%s*$(id)'],
];
const add = `set -e; n=0; for bytes in "$@"; do name=$(printf "$bytes.nx"); name=\${name%x}; ip netns add "$name"; ip -n "$name" link add "dev$n" type bridge; stat -L -c %i "/run/netns/$name"; n=$((n + 1)); done`;
const remove = 'for bytes in "$@"; do name=$(printf "$bytes.nx"); ip netns del "${name%x}"; done';
const shells = names.map(([bytes]) => bytes);

/** Each is found, owned by its name, typed as it is shown, entered and dumped, over this transport. */
async function check(transport: Transport, inodes: readonly number[]): Promise<void> {
  const snapshot = await scan(transport);
  expect(snapshot.errors).toEqual([]);
  const topology = buildTopology([{ id: transport.id, label: 'host', snapshot: JSON.parse(JSON.stringify(snapshot)) as typeof snapshot }]);
  for (const [at, [, shown]] of names.entries()) {
    const { sandbox } = findTarget(topology, `name:${shown}.n`);
    expect([shown, sandbox.inode, sandbox.role, sandbox.title]).toEqual([shown, inodes[at], 'named', `${shown}.n`]);
    const target = enterTarget(topology, sandbox);
    expect([shown, await transport.run(enterCommand(target, { run: ['readlink', '/proc/self/ns/net'] }), { limitMs: 20_000 })]).toEqual([shown, { code: 0, stderr: '', stdout: `net:[${String(inodes[at])}]\n` }]);
    const dump = await transport.run(dumpCommand(target, ['links']), { limitMs: 20_000 });
    expect([shown, dump.stdout]).toEqual([shown, expect.stringContaining(`dev${String(at)}`)]);
  }
}

async function make(transport: Transport): Promise<readonly number[]> {
  const made = await transport.run({ argv: ['sh', '-c', add, 'add', ...shells], privilege: 'root' }, { limitMs: 20_000 });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  return made.stdout.trim().split('\n').map(Number);
}

describeAsRoot('namespaces with names that are no text, on this machine', () => {
  it('are found, typed, entered and dumped', { timeout: 60_000 }, async () => {
    const child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs none /run; mkdir /run/netns; echo ready; exec sleep infinity'], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const pid = String(child.pid);
    const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
      const transport = through(local(), (command) => prefixed('nsenter', '-t', inside, '-m', '-p', '-n', '--')(command.argv[1] === '-s' ? { ...command, argv: ['env', ...shell, ...command.argv.slice(1)] } : command));
      const inodes = await make(transport);
      await check(transport, inodes);
      await transport.run({ argv: ['sh', '-c', remove, 'remove', ...shells], privilege: 'root' }, { limitMs: 20_000 });
    }
  });
});

describeInLab('namespaces with names that are no text, over SSH', () => {
  for (const client of ['builtin', 'openssh'] as const) {
    it(`are found, typed, entered and dumped by the ${client} client, and on the command line shown as they are typed`, { timeout: 120_000 }, async () => {
      const config = theLab().sshConfig;
      const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: config, client });
      try {
        const inodes = await make(transport);
        try {
          await check(transport, inodes);
          if (client === 'openssh') return;
          const host = ['--host', 'node1', '--ssh-config', config];
          const table = (await cli(['scan', ...host])).stdout;
          for (const [, shown] of names) expect(table).toContain(` ${shown}.n `);
          const entered = await cli(['enter', 'x\\xff.n', ...host, '--', 'readlink', '/proc/self/ns/net']);
          expect(entered).toMatchObject({ code: 0, stdout: `net:[${String(inodes[0])}]\n` });
          // A second name makes it ambiguous by its file name, and what is said to be typed is not.
          await transport.run({ argv: ['sh', '-c', 'name=$(printf "x\\377.n"); mkdir -p /run/twice; touch "/run/twice/$name"; mount --bind "/run/netns/a$(printf "\\015")b.n" "/run/twice/$name"'], privilege: 'root' }, { limitMs: 20_000 });
          try {
            const refused = await cli(['enter', 'x\\xff.n', ...host, '--', 'true']);
            expect(refused).toMatchObject({ code: 2, stdout: '' });
            const words = refused.stderr.trim().split('\n').slice(1).map((row) => /^ {2}(\S+) {2}.*, inode (\d+)$/.exec(row)!);
            expect(words.map((row) => Number(row[2])).sort()).toEqual([inodes[0]!, inodes[5]!].sort());
            for (const [, word, inode] of words) expect(await cli(['enter', word!.replaceAll("'", ''), ...host, '--', 'readlink', '/proc/self/ns/net'])).toMatchObject({ stdout: `net:[${inode!}]\n` });
          } finally {
            await transport.run({ argv: ['sh', '-c', 'umount /run/twice/*; rm -r /run/twice'], privilege: 'root' }, { limitMs: 20_000 });
          }
        } finally {
          await transport.run({ argv: ['sh', '-c', remove, 'remove', ...shells], privilege: 'root' }, { limitMs: 20_000 });
        }
      } finally {
        transport.dispose();
      }
    });
  }
});

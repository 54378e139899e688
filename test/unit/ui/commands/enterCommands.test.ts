import { describe, expect, it, vi } from 'vitest';
import type { Command } from '../../../../src/core/command/command';
import { TransportError } from '../../../../src/host/transport';
import { enterCommands } from '../../../../src/ui/commands/enterCommands';
import { Notice } from '../../../../src/ui/notice';
import type { Services } from '../../../../src/ui/services';
import type { TerminalRequest } from '../../../../src/ui/terminal/terminals';
import { keys, sampleTopology } from '../sampleTopology';

vi.mock('vscode', () => import('../fakeVscode'));

interface Host {
  readonly live?: boolean;
  readonly run?: () => Promise<{ stdout: string; stderr: string; code: number | undefined }>;
  readonly inspect?: () => Promise<unknown>;
}

/** Stands in for a host that answers as told. */
function setup(host: Host = {}) {
  const opened: TerminalRequest[] = [];
  const groups: number[] = [];
  const checked: Command[] = [];
  const refreshed: (string | undefined)[] = [];
  const services = {
    explorer: {
      topology: sampleTopology(),
      transport: () => ({
        live: host.live ?? true,
        run: (command: Command) => {
          checked.push(command);
          return host.run?.() ?? Promise.resolve({ stdout: '', stderr: '', code: 0 });
        },
      }),
      engine: () => Promise.resolve({ inspect: host.inspect ?? (() => Promise.resolve({ State: { Running: true } })) }),
      refresh: (id?: string) => {
        refreshed.push(id);
        return Promise.resolve();
      },
    },
    terminals: {
      open: (request: TerminalRequest) => {
        opened.push(request);
        return Promise.resolve();
      },
      openSplit: (requests: readonly TerminalRequest[]) => {
        groups.push(requests.length);
        opened.push(...requests);
        return Promise.resolve();
      },
    },
  };
  return { handlers: enterCommands(services as unknown as Services), opened, groups, checked, refreshed };
}

const enter = 'netnsExplorer.sandbox.enter';
const overlay = `local|ns|${keys.overlay}`;
const notice = async (work: unknown): Promise<Notice> => {
  const error: unknown = await Promise.resolve(work).then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof Notice)) throw new Error(`no notice, but ${String(error)}`);
  return error;
};

describe('entering', () => {
  it('looks whether the namespace is there, then opens one terminal in it', async () => {
    const { handlers, opened, checked } = setup();
    await handlers[enter](overlay);
    expect(checked).toHaveLength(1);
    expect(checked[0]?.argv.at(-1)).toBe('true');
    expect(opened).toMatchObject([{ hostId: 'local', title: 'mynet01@node1' }]);
    expect(opened[0]?.command.argv).toContain('4026532300');
  });

  it('says that it is gone, in the host\'s own sentence, and offers to refresh', async () => {
    const gone = 'The network namespace net:[4026532300] (mynet01@node1) is gone.';
    const { handlers, opened, refreshed } = setup({ run: () => Promise.resolve({ stdout: '', stderr: `warning\n${gone}\n`, code: 1 }) });
    const told = await notice(handlers[enter](overlay));
    expect(told.message).toBe(gone);
    expect(opened).toEqual([]);
    await told.action?.run();
    expect(refreshed).toEqual(['local']);
  });

  it('leaves it to the terminal to ask for a password where there is no root yet', async () => {
    const { handlers, opened } = setup({ run: () => Promise.reject(new TransportError('no-permission', 'This needs root.')) });
    await handlers[enter](overlay);
    expect(opened).toHaveLength(1);
  });

  it('opens nothing where the host is not reached', async () => {
    const { handlers, opened } = setup({ run: () => Promise.reject(new TransportError('unreachable', 'node1 does not answer.')) });
    await expect(handlers[enter](overlay)).rejects.toThrow('node1 does not answer.');
    expect(opened).toEqual([]);
  });

  it('runs nothing on a recorded host', async () => {
    const { handlers, opened, checked } = setup({ live: false });
    for (const id of [enter, 'netnsExplorer.sandbox.enterIpNetns', 'netnsExplorer.sandbox.monitor'] as const) {
      expect((await notice(handlers[id](overlay))).message).toMatch(/node1 is a recorded host/);
    }
    expect((await notice(handlers['netnsExplorer.container.openShell']('local|ctr|c1aaaaaaaaaaaaaa'))).message).toMatch(/recorded host/);
    expect([opened, checked]).toEqual([[], []]);
  });

  it('says why where there is no namespace', async () => {
    const { handlers } = setup();
    expect((await notice(handlers[enter]('local|ctr|c2bbbbbbbbbbbbbb'))).message).toMatch(/not running/);
    expect((await notice(handlers[enter]('local|ns|4:1'))).message).toMatch(/gone/);
  });
});

describe('monitoring', () => {
  it('opens links, routes and neighbours side by side; only the neighbours\' searches change a sysctl, and only where asked', async () => {
    const { handlers, opened, groups } = setup();
    await handlers['netnsExplorer.sandbox.monitorSoliciting'](overlay);
    expect(groups).toEqual([3]);
    expect(opened.map((request) => request.title)).toEqual(['link · mynet01@node1', 'route · mynet01@node1', 'neigh · mynet01@node1']);
    expect(opened.map((request) => request.command.argv.includes('solicit'))).toEqual([false, false, true]);
    const plain = setup();
    await plain.handlers['netnsExplorer.sandbox.monitor'](overlay);
    expect(plain.opened.some((request) => request.command.argv.includes('solicit'))).toBe(false);
  });
});

describe('a container\'s shell', () => {
  const open = 'netnsExplorer.container.openShell';

  it('is the engine\'s exec, by id', async () => {
    const { handlers, opened } = setup();
    await handlers[open]('local|net|overlay0000000|ep|c1aaaaaaaaaaaaaa');
    expect(opened[0]?.command.argv.slice(0, 4)).toEqual(['docker', 'exec', '-it', 'c1aaaaaaaaaaaaaa']);
  });

  it('is refused where the container stopped or went since', async () => {
    const stopped = setup({ inspect: () => Promise.resolve({ State: { Running: false } }) });
    expect((await notice(stopped.handlers[open]('local|ctr|c1aaaaaaaaaaaaaa'))).message).toMatch(/not running any more/);
    const gone = setup({ inspect: () => Promise.reject(new Error('There is no container c1aaaaaaaaaa on node1 any more.')) });
    expect((await notice(gone.handlers[open]('local|ctr|c1aaaaaaaaaaaaaa'))).message).toMatch(/no container/);
    expect([...stopped.opened, ...gone.opened]).toEqual([]);
  });
});

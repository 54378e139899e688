import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/core/command/command';
import { quoteArgv } from '../../src/core/command/quote';
import type { TerminalSession, Transport, TransportError } from '../../src/host/transport';

export interface ContractSubject {
  readonly name: string;
  /** A transport that nothing has connected yet. */
  open(): Transport | Promise<Transport>;
  readonly privilege: Transport['privilege'];
  /** Where sudo asks for its password on a terminal by itself: terminals are then opened as the user. */
  readonly sudoAsksOnTerminal?: boolean;
}

const limitMs = 20_000;

/** Says the port that it was given, and sends back what it gets. */
const echoServer = 'use IO::Socket::INET; $| = 1; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die; print $s->sockport; my $c = $s->accept; my $b; while ((my $n = sysread($c, $b, 65536)) > 0) { my $o = 0; $o += syswrite($c, $b, $n - $o, $o) while $o < $n }';

/** What every live transport must do. Recorded hosts are held to what applies to them in hostFile.test.ts. */
export function transportContract(subject: ContractSubject): void {
  describe(`transport contract: ${subject.name}`, () => {
    let transport: Transport;
    const root = subject.privilege === 'user' ? 'user' : 'root';
    const onTerminal = subject.sudoAsksOnTerminal === true ? 'user' : root;
    const run = (argv: Command['argv'], more: Partial<Command> = {}) => transport.run({ argv, privilege: 'user', ...more }, { limitMs });

    beforeAll(async () => {
      transport = await subject.open();
      await transport.connect();
    });
    afterAll(() => transport.dispose());

    it(`knows that it is ${subject.privilege}`, async () => {
      expect(transport.live).toBe(true);
      expect(transport.privilege).toBe(subject.privilege);
      if (subject.privilege !== 'user') expect((await run(['id', '-u'], { privilege: 'root' })).stdout).toBe('0\n');
    });

    it('runs a command to its end and gives its output and exit status', async () => {
      expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 7 });
      expect(await run(['true'])).toEqual({ stdout: '', stderr: '', code: 0 });
    });

    it('gives no status for a command that a signal ended', async () => {
      expect(await run(['sh', '-c', 'echo before; kill -9 $$'])).toEqual({ stdout: 'before\n', stderr: '', code: undefined });
    });

    it('gives 127 for a program that is not there', async () => {
      expect((await run(['netns-explorer-no-such-program'])).code).toBe(127);
    });

    it('hands 1 MB to standard input and gets it back whole, as root too', async () => {
      const stdin = 'héllo wörld 0123456789 ⇄\n'.repeat(40_000);
      for (const privilege of [root, 'user'] as const) {
        const { stdout, code } = await run(['cat'], { stdin, privilege });
        expect(code).toBe(0);
        expect(stdout === stdin).toBe(true);
      }
    });

    it('does not wait for a command that leaves its input unread', async () => {
      expect((await run(['true'], { stdin: 'x'.repeat(1_000_000), privilege: root })).code).toBe(0);
    });

    it.each([root, 'user'] as const)('sends what comes later for standard input to a command that runs, and then closes it (%s)', async (privilege) => {
      let send = (_text: string): void => undefined;
      const later = new Promise<string>((resolve) => (send = resolve));
      // A shell runs its script as it comes.
      const ran = transport.run({ argv: ['sh', '-s'], stdin: 'echo begun >&2\n', privilege }, { limitMs, later });
      setTimeout(() => send(`cat <<'E'\n${'x'.repeat(100_000)}\nE\n`), 100);
      expect(await ran).toEqual({ stdout: `${'x'.repeat(100_000)}\n`, stderr: 'begun\n', code: 0 });
      const none = Promise.reject(new Error('none'));
      none.catch(() => undefined);
      expect(await transport.run({ argv: ['cat'], stdin: 'a', privilege }, { limitMs, later: none })).toMatchObject({ stdout: 'a', code: 0 });
      expect((await transport.run({ argv: ['true'], stdin: 'a', privilege }, { limitMs, later: new Promise(() => undefined) })).code).toBe(0);
    });

    it('closes standard input where there is none', async () => {
      expect(await run(['cat'])).toMatchObject({ stdout: '', code: 0 });
    });

    it('decodes UTF-8 however it is cut, and survives bytes that are none', async () => {
      const { stdout } = await run(['sh', '-c', "printf '\\342\\207'; sleep 0.2; printf '\\204 \\377\\000 \\303'"]);
      expect(stdout).toBe('⇄ \u{fffd}\0 \u{fffd}');
    });

    const hostile = ['', ' ', 'a b', "it's", '"quoted"', '$(touch /tmp/netns-explorer-executed)', '`id`', 'line\nbreak', 'end\n', '-n', '--', '\\', '\\n', '\\\\', '!!', '*', '~', ';id', '\u001b[31m', '⇄', '\t', "'\\''", '#', '&&', '%s'];
    it.each([root, 'user'] as const)('hands over every argument untouched (%s)', async (privilege) => {
      const { stdout } = await run(['sh', '-c', 'for a in "$@"; do printf "%s\\0" "$a"; done', 'sh', ...hostile], { privilege });
      expect(stdout.split('\0').slice(0, -1)).toEqual(hostile);
    });

    it('finds the tools of an administrator', async () => {
      expect((await run(['sh', '-c', 'command -v ip && command -v sysctl'])).code).toBe(0);
    });

    it.each([root, 'user'] as const)('ends a command at its time limit, with what came until then, and leaves nothing running (%s)', async (privilege) => {
      const trace = uniqueSeconds();
      const before = Date.now();
      const error = await failure(transport.run({ argv: ['sh', '-c', `echo begun; sleep ${trace} & sleep ${trace}`], privilege }, { limitMs: 700 }));
      expect(error).toMatchObject({ name: 'TransportError', code: 'time-limit', partial: { stdout: 'begun\n', stderr: '', code: undefined } });
      expect(error.message).toMatch(/did not finish within 0\.7 s/);
      expect(Date.now() - before).toBeLessThan(6000);
      await expect.poll(() => processesWith(transport, trace), { timeout: 5000 }).toEqual([]);
    });

    it('ends a command that ignores TERM', async () => {
      const trace = uniqueSeconds();
      const error = await failure(transport.run({ argv: ['sh', '-c', `trap "" TERM; sleep ${trace}; sleep ${trace}`], privilege: root }, { limitMs: 500 }));
      expect(error.code).toBe('time-limit');
      await expect.poll(() => processesWith(transport, trace), { timeout: 8000 }).toEqual([]);
    });

    it('ends a command when it is cancelled, at any moment', async () => {
      for (const delayMs of [0, 1, 20, 300]) {
        const trace = uniqueSeconds();
        const controller = new AbortController();
        setTimeout(() => controller.abort(), delayMs);
        const error = await failure(transport.run({ argv: ['sleep', trace], privilege: root }, { limitMs, signal: controller.signal }));
        expect(error.code).toBe('cancelled');
        await expect.poll(() => processesWith(transport, trace), { timeout: 5000 }).toEqual([]);
      }
    });

    it('starts nothing for a caller that has cancelled already', async () => {
      const trace = uniqueSeconds();
      const error = await failure(transport.run({ argv: ['sleep', trace], privilege: 'user' }, { limitMs, signal: AbortSignal.abort() }));
      expect(error.code).toBe('cancelled');
      expect(await processesWith(transport, trace)).toEqual([]);
    });

    it('ends a command that prints without end, and keeps the first part', async () => {
      const error = await failure(transport.run({ argv: ['yes'], privilege: root }, { limitMs, maxBytes: 10_001 }));
      expect(error.code).toBe('truncated');
      expect(error.partial?.stdout).toBe('y\n'.repeat(5000) + 'y');
      const exact = await transport.run({ argv: ['sh', '-c', 'printf 12345'], privilege: root }, { limitMs, maxBytes: 5 });
      expect(exact.stdout).toBe('12345');
    });

    it('runs many commands at once', async () => {
      const results = await Promise.all(Array.from({ length: 24 }, (_, index) => run(['sh', '-c', `sleep 0.1; echo ${String(index)}`])));
      expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 24 }, (_, index) => `${String(index)}\n`));
    });

    it('opens a stream to a command, both ways', async () => {
      const stream = await transport.openStream({ kind: 'command', command: { argv: ['cat'], privilege: root } });
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
      stream.end(bytes);
      expect((await readAll(stream)).equals(bytes)).toBe(true);
    });

    it('destroys a stream whose command fails, with what it said', async () => {
      const stream = await transport.openStream({ kind: 'command', command: { argv: ['sh', '-c', 'echo no such thing >&2; exit 3'], privilege: root } });
      stream.resume();
      const [error] = (await once(stream, 'error')) as [Error];
      expect(error.message).toMatch(/status 3: no such thing/);
    });

    it('ends the command when its stream is destroyed', async () => {
      const trace = uniqueSeconds();
      const stream = await transport.openStream({ kind: 'command', command: { argv: ['sh', '-c', `echo up; exec sleep ${trace}`], privilege: root } });
      await once(stream, 'data');
      expect(await processesWith(transport, trace)).not.toEqual([]);
      stream.destroy();
      await expect.poll(() => processesWith(transport, trace), { timeout: 8000 }).toEqual([]);
    });

    it('refuses a UNIX socket that is not there', async () => {
      const error = await failure(transport.openStream({ kind: 'unixSocket', path: '/run/netns-explorer-no-such.sock' }));
      expect(error.message).toContain('/run/netns-explorer-no-such.sock');
    });

    it('opens a TCP port as the host reaches it, both ways, and tells of one where nobody listens', async () => {
      // Of the host's own loopback: another machine's would answer otherwise, or not at all.
      const listening = await transport.openStream({ kind: 'command', command: { argv: ['perl', '-e', echoServer], privilege: root } });
      const [port] = (await once(listening, 'data')) as [Buffer];
      try {
        const stream = await transport.openStream({ kind: 'tcp', host: '127.0.0.1', port: Number(port) });
        const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
        stream.write(bytes);
        const back: Buffer[] = [];
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          back.push(chunk);
          if (Buffer.concat(back).length >= bytes.length) break;
        }
        expect(Buffer.concat(back).equals(bytes)).toBe(true);
      } finally {
        listening.destroy();
      }
      const refused = transport.openStream({ kind: 'tcp', host: '127.0.0.1', port: 1 }).then(async (stream) => {
        stream.resume();
        const [error] = (await once(stream, 'error')) as [Error];
        throw error;
      });
      expect((await failure(refused)).message).toMatch(/127\.0\.0\.1.*(refused|nothing listens|cannot be reached|status 1)/is);
    });

    it('runs a terminal: a tty, its size, its exit status', async () => {
      const terminal = await Terminal.open(transport, { argv: ['sh', '-c', 'tty -s && echo is-a-tty; stty size; exit 5'], privilege: onTerminal });
      expect(await terminal.exit()).toBe(5);
      expect(terminal.output).toContain('is-a-tty');
      if (terminal.remote) expect(terminal.output).toContain('31 101');
    });

    it('hands hostile arguments to a terminal', async () => {
      // A terminal shows control characters in ways of its own.
      const printable = hostile.filter((text) => !/\p{Cc}/u.test(text));
      const terminal = await Terminal.open(transport, { argv: ['printf', '<%s>', ...printable], privilege: onTerminal });
      await terminal.exit();
      for (const text of printable) expect(terminal.output).toContain(`<${text}>`);
    });

    it('resizes a terminal, types into it, interrupts what runs there', async () => {
      const terminal = await Terminal.open(transport, { argv: ['sh'], privilege: onTerminal });
      terminal.write('PS1="ready> "; echo beg""un\n');
      await terminal.until(/begun/);
      if (terminal.remote) {
        terminal.resize(77, 22);
        terminal.write('stty size\n');
        await terminal.until(/22 77/);
      }
      const trace = uniqueSeconds();
      terminal.write(`sleep ${trace}\n`);
      // Only once the shell has handed the terminal over does an interrupt reach what runs there.
      await expect.poll(() => foregroundOf(transport, trace), { timeout: 5000 }).toBe(true);
      terminal.write('\u0003');
      terminal.write('echo "after $((40 + 2))"\n');
      await terminal.until(/after 42/);
      terminal.write("printf '\\342\\207'; sleep 0.2; printf '\\204 wörld\\n'; exit 9\n");
      expect(await terminal.exit()).toBe(9);
      expect(terminal.output).toContain('⇄ wörld');
    });

    it('ends what runs in a terminal that is closed', async () => {
      const trace = uniqueSeconds();
      const terminal = await Terminal.open(transport, { argv: ['sh', '-c', `echo up; sleep ${trace}`], privilege: onTerminal });
      await terminal.until(/up/);
      terminal.close();
      await expect.poll(() => processesWith(transport, trace), { timeout: 8000 }).toEqual([]);
    });

    it('has nothing recorded', async () => {
      await expect(transport.recorded()).rejects.toMatchObject({ name: 'TransportError' });
    });

    it('ends what it started when it is disposed, and tells nobody that it was lost', async () => {
      const trace = uniqueSeconds();
      const other = await subject.open();
      let lost = false;
      other.onDidClose(() => {
        lost = true;
      });
      await other.connect();
      const running = failure(other.run({ argv: ['sh', '-c', `while :; do echo x; sleep 0.1; done; : ${trace}`], privilege: 'user' }, { limitMs: 10_000 }));
      await expect.poll(() => processesWith(transport, trace), { timeout: 5000 }).not.toEqual([]);
      other.dispose();
      const ended = await running.catch(() => undefined);
      expect(ended === undefined || ended instanceof Error).toBe(true);
      await expect.poll(() => processesWith(transport, trace), { timeout: 8000 }).toEqual([]);
      expect(lost).toBe(false);
      expect((await failure(other.run({ argv: ['true'], privilege: 'user' }, { limitMs }))).code).toBe('cancelled');
    });
  });
}

/** The error that a promise rejects with; fails where it does not. */
export async function failure(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    return error as TransportError;
  }
  throw new Error('This should have failed.');
}

/** A number of seconds to sleep that nothing else on the machine sleeps, so that the process can be found again. */
export function uniqueSeconds(): string {
  return `3${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`;
}

/** Command lines of the host's processes that hold `text`. */
export async function processesWith(transport: Transport, text: string): Promise<string[]> {
  const script = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$f" 2>/dev/null && echo; done; true';
  const { stdout } = await transport.run({ argv: ['sh', '-c', script], privilege: 'user' }, { limitMs });
  return stdout.split('\n').filter((line) => line.includes(text));
}

/** Whether the process that sleeps `seconds` is in the foreground of its terminal: fields 5 and 8 of /proc/PID/stat are equal. */
async function foregroundOf(transport: Transport, seconds: string): Promise<boolean> {
  const script = 'for d in /proc/[0-9]*; do [ "$(tr "\\0" " " <"$d/cmdline" 2>/dev/null)" = "sleep $1 " ] && cat "$d/stat"; done; true';
  const { stdout } = await transport.run({ argv: ['sh', '-c', script, 'sh', seconds], privilege: 'user' }, { limitMs });
  const [, , group, , , foreground] = stdout.slice(stdout.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}

export async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A terminal session, driven; the one that is to be spawned runs on the pty of util-linux' `script`. */
export class Terminal {
  output = '';
  readonly remote: boolean;
  readonly #exit: Promise<number | undefined>;
  readonly #write: (data: string) => void;
  readonly #close: () => void;
  #look: () => void = () => undefined;

  static async open(transport: Transport, command: Command): Promise<Terminal> {
    return new Terminal(await transport.openTerminal(command, { columns: 101, rows: 31 }));
  }

  private constructor(private readonly session: TerminalSession) {
    this.remote = session.kind === 'remote';
    const take = (data: string) => {
      this.output += data;
      this.#look();
    };
    if (session.kind === 'remote') {
      session.onData(take);
      this.#exit = new Promise((resolve) => session.onExit(resolve));
      this.#write = (data) => session.write(data);
      this.#close = () => session.close();
    } else {
      const child = spawn('script', ['-q', '-e', '-c', quoteArgv(session.argv), '/dev/null'], { stdio: 'pipe', env: { ...process.env, SHELL: '/bin/sh' } });
      child.stdout.setEncoding('utf8').on('data', take);
      this.#exit = new Promise((resolve) => child.on('close', (code) => resolve(code ?? undefined)));
      this.#write = (data) => void child.stdin.write(data);
      // The pty goes with the process that holds it, and hangs up what runs there.
      this.#close = () => void child.kill('SIGKILL');
    }
  }

  write(data: string): void {
    this.#write(data);
  }

  resize(columns: number, rows: number): void {
    if (this.session.kind === 'remote') this.session.resize({ columns, rows });
  }

  close(): void {
    this.#close();
  }

  exit(): Promise<number | undefined> {
    return within(this.#exit, () => 'the terminal did not end', this);
  }

  until(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      this.#look = () => {
        if (pattern.test(this.output)) resolve();
      };
      this.#look();
    });
    return within(seen, () => `the terminal never showed ${String(pattern)}`, this);
  }
}

function within<T>(promise: Promise<T>, what: () => string, terminal: Terminal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what()}; it shows ${JSON.stringify(terminal.output)}`)), 15_000);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

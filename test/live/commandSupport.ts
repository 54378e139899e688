import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, describe } from 'vitest';
import type { Command, CommandOutput } from '../../src/core/command/command';
import type { EnterTarget } from '../../src/core/command/enterTarget';
import { quoteArgv } from '../../src/core/command/quote';

const isRoot = process.getuid?.() === 0;
const labState = process.env['NETNS_LAB_STATE'] ?? '/run/netns-explorer-lab/dev';
const lab = readLab();

interface Lab {
  readonly sshConfig: string;
  /** Of the accounts that log in or become root by one. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, string>>;
  readonly containers: Readonly<Record<string, { readonly id: string; readonly host: string; readonly ip?: string }>>;
}

function readLab(): Lab | undefined {
  try {
    return JSON.parse(readFileSync(`${labState}/hosts.json`, 'utf8')) as Lab;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Suites that make namespaces. With CI=true a reason to skip is a failure, told by the suite itself. */
export const describeAsRoot = describeWhere(isRoot, 'this needs root');

/** Suites that need the lab's hosts. */
export const describeInLab = describeWhere(isRoot && lab !== undefined, `no lab is up in ${labState}`);

function describeWhere(possible: boolean, reason: string): (title: string, body: () => void) => void {
  return (title, body) => {
    if (possible || process.env['CI'] === 'true') describe(title, body);
    else describe.skip(`${title} (skipped: ${reason})`, body);
  };
}

export function theLab(): Lab {
  if (lab === undefined) throw new Error(`No lab is up in ${labState}.`);
  return lab;
}

export function runHere(argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = process.env): CommandOutput {
  const result = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', env, timeout: 30_000 });
  if (result.error) throw result.error;
  return { stdout: result.stdout, stderr: result.stderr, code: result.status ?? undefined };
}

/** Runs and gives standard output. @throws where it fails. */
export function ask(...argv: [string, ...string[]]): string {
  const output = runHere(argv);
  if (output.code !== 0) throw new Error(`${quoteArgv(argv)} failed: ${output.stderr}`);
  return output.stdout;
}

export function sshArgv(host: string, argv: readonly string[], ...options: string[]): [string, ...string[]] {
  return ['ssh', '-F', theLab().sshConfig, ...options, host, quoteArgv(argv)];
}

export function runOn(host: string, argv: readonly string[]): CommandOutput {
  return runHere(sshArgv(host, argv));
}

export function askOn(host: string, ...argv: string[]): string {
  const output = runOn(host, argv);
  if (output.code !== 0) throw new Error(`${quoteArgv(argv)} failed on ${host}: ${output.stderr}`);
  return output.stdout.trim();
}

const cleanups: (() => void)[] = [];

afterAll(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

/** Done after all tests of the file, last one first. (vitest ignores an `afterAll` within a test.) */
export function atEnd(clean: () => void): void {
  cleanups.push(clean);
}

let made = 0;

/** A namespace of this test run, taken away at the end. @returns its path. */
export function makeNamespace(suffix = ''): string {
  const name = `netns-explorer-test-${String(process.pid)}-${String(made++)}${suffix}`;
  ask('ip', 'netns', 'add', name);
  atEnd(() => {
    ask('ip', 'netns', 'del', name);
  });
  return `/run/netns/${name}`;
}

export const inodeOf = (path: string): number => statSync(path).ino;

export function targetOf(path: string, more: Partial<EnterTarget> = {}): EnterTarget {
  return { inode: inodeOf(path), paths: [path], pids: [], rootPids: [], label: 'test@local', ...more };
}

/** A command on a real pseudo-terminal, which util-linux's script(1) owns. */
export class Pty {
  text = '';
  readonly exit: Promise<number | undefined>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Set<() => void>();
  #over = false;

  constructor(command: Pick<Command, 'argv'>, env: NodeJS.ProcessEnv = {}) {
    const run = `exec ${quoteArgv(command.argv)}`;
    this.#child = spawn('script', ['-qefc', run, '/dev/null'], { env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/bash', ...env } });
    this.#child.stdout.setEncoding('utf8').on('data', (data: string) => {
      this.text += data;
      this.#tell();
    });
    atEnd(() => this.#child.kill('SIGKILL'));
    this.exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#over = true;
        resolve(code ?? undefined);
        this.#tell();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until what was printed after `from` matches. */
  async until(pattern: RegExp, from = 0, limitMs = 10_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const match = pattern.exec(this.text.slice(from));
      if (match !== null) return match;
      const left = deadline - Date.now();
      if (this.#over || left <= 0) throw new Error(`${String(pattern)} did not come. The terminal shows:\n${this.text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Closes the terminal as a lost connection does: the kernel hangs up on its session. */
  async hangUp(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }

  #tell(): void {
    for (const listener of this.#waiting) listener();
    this.#waiting.clear();
  }
}

/** Waits for something that gives no event, such as a file going away. */
export async function eventually(what: string, condition: () => boolean, limitMs = 5000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${String(limitMs)} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

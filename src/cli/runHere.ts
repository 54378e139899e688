import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import type { Command } from '../core/command/command';
import { printable } from '../core/report/printable';
import { endGroup } from '../host/command/elevation';
import type { TerminalSession, Transport } from '../host/transport';
import { CliError } from './cliError';
import { tell, writeAll } from './streams';
import { TrailerReader, withTrailer } from './trailer';

const endLimitMs = 5000;

/**
 * Runs a command on this process's own terminal; without one, on its standard streams. @returns its exit status, 128 + N where signal N ended it, 255 where
 * that is unknown. @throws TransportError
 */
export async function runHere(transport: Transport, command: Command, signal: AbortSignal): Promise<number> {
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!onTerminal && transport.address.kind !== 'local') return streamed(transport, command, signal);
  const session = await transport.openTerminal(command, { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }, signal);
  return session.kind === 'spawn' ? spawned(session.argv) : joined(session, transport);
}

/** Shares this process's terminal. Ctrl-C is the child's business; it reaches it without us. */
function spawned([program, ...rest]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const leaveToChild = (): void => undefined;
    process.on('SIGINT', leaveToChild);
    process.on('SIGQUIT', leaveToChild);
    const child = spawn(program, rest, { stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGTERM', pass);
    process.on('SIGHUP', pass);
    child.on('error', (error) => reject(new CliError(`${program} cannot be started: ${error.message}.`)));
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGQUIT'] as const) process.off(name, leaveToChild);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, pass);
      resolve(code ?? (signal === null ? 255 : 128 + constants.signals[signal]));
    });
  });
}

/** Standard input and output are passed byte by byte, as they come; standard error comes at the end. Ctrl-C ends the command. */
async function streamed(transport: Transport, command: Command, signal: AbortSignal): Promise<number> {
  if (command.privilege === 'root' && transport.privilege === 'user') {
    throw new CliError('Entering a network namespace takes root on that host: log in as root, or allow sudo for the user.');
  }
  const boundary = randomBytes(16).toString('hex');
  const stream = await transport.openStream({ kind: 'command', command: withTrailer(command, boundary) }, signal);
  const reader = new TrailerReader(boundary);
  // Only then is the connection closed: a host goes on with a command whose session is gone.
  const stop = (): void => {
    const ended = reader.pid === undefined ? Promise.resolve() : transport.run(endGroup(reader.pid, command.privilege), { limitMs: endLimitMs });
    void ended.catch((error: unknown) => tell(`The command may still be running: ${printable(String(error))}`)).then(() => stream.destroy());
  };
  signal.addEventListener('abort', stop, { once: true });
  // A terminal on this side alone is a person's keyboard, not input.
  if (process.stdin.isTTY) stream.end();
  else process.stdin.pipe(stream);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await writeAll(process.stdout, reader.push(chunk));
  } finally {
    signal.removeEventListener('abort', stop);
    process.stdin.unpipe(stream);
    stream.destroy();
  }
  signal.throwIfAborted();
  const { trailer, rest } = reader.finish();
  await writeAll(process.stdout, rest);
  if (trailer === undefined) throw new CliError('The output was cut off: the command was ended, or the connection was lost.', 255);
  await writeAll(process.stderr, trailer.stderr);
  return trailer.code;
}

/** Passes this process's terminal, in raw mode, to one on the host. */
function joined(session: Extract<TerminalSession, { kind: 'remote' }>, transport: Transport): Promise<number> {
  return new Promise((resolve, reject) => {
    const { stdin, stdout } = process;
    const resize = (): void => session.resize({ columns: stdout.columns, rows: stdout.rows });
    const type = (text: string | Buffer): void => session.write(String(text));
    const hangUp = (): void => session.close();
    const unregister = transport.onDidClose((error) => {
      restore();
      reject(error);
    });
    const restore = (): void => {
      unregister();
      stdin.off('data', type);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.off('resize', resize);
      process.off('SIGHUP', hangUp);
      process.off('SIGTERM', hangUp);
    };
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', type);
    stdout.on('resize', resize);
    process.on('SIGHUP', hangUp);
    process.on('SIGTERM', hangUp);
    session.onData((text) => stdout.write(text));
    session.onExit((code) => {
      restore();
      resolve(code ?? 255);
    });
  });
}

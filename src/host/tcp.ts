import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Command } from '../core/command/command';
import { printable } from './command/words';
import { TransportError } from './transport';

/** `192.168.56.1:2379 from node1`, for messages. */
export function portTitle(host: string, port: number, from: string): string {
  return `${printable(host.includes(':') ? `[${host}]` : host)}:${String(port)} from ${from}`;
}

/** Connects from this machine. @throws TransportError */
export function connectTcp(host: string, port: number, title: string, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, ...(signal && { signal }) });
    const fail = (error: NodeJS.ErrnoException): void => {
      if (signal?.aborted === true) reject(new TransportError('cancelled', `Connecting to ${title} was cancelled.`, { cause: error }));
      else reject(unreachable(title, error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message, error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

export function unreachable(title: string, why: string, cause?: unknown): TransportError {
  return new TransportError('unreachable', `${title} cannot be reached: ${printable(why).replace(/[.\s]+$/, '')}.`, { cause });
}

/** `perhaps`: the client does not say which. */
export function forbidden(title: string, perhaps: boolean, cause?: unknown): TransportError {
  return new TransportError('no-permission', `${title} cannot be reached over SSH: ${perhaps ? 'nothing listens there, or ' : ''}the server passes on no connections (AllowTcpForwarding, sshd_config(5)).`, { cause });
}

/**
 * A connection by what a host has: socat, nc, busybox, or bash (which opens /dev/tcp by itself). Ends where the other side hangs up;
 * bash's reader of standard input would otherwise be waited for.
 */
const relay = [
  'has() { command -v "$1" >/dev/null 2>&1; }',
  'if has socat; then case $1 in *:*) exec socat - "TCP:[$1]:$2";; esac; exec socat - "TCP:$1:$2"; fi',
  'if has nc; then exec nc "$1" "$2"; fi',
  'if has busybox && busybox nc --help >/dev/null 2>&1; then exec busybox nc "$1" "$2"; fi',
  `if has bash; then exec bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1; cat <&0 >&3 & w=$!; cat <&3; kill "$w" 2>/dev/null; exit 0' bash "$1" "$2"; fi`,
  'echo "none of socat, nc, busybox and bash is there" >&2; exit 127',
].join('\n');

/** Where no connection is passed on: a command on the host whose standard input and output are the connection's. */
export function relayCommand(host: string, port: number): Command {
  return { argv: ['sh', '-c', relay, 'sh', host, String(port)], privilege: 'user' };
}

/** What the command said, without how it was called. */
export function relayFault(error: TransportError, title: string): TransportError {
  const [, said] = /ended with status \d+: (.*)$/s.exec(error.message) ?? [];
  return said === undefined ? error : unreachable(title, said, error);
}

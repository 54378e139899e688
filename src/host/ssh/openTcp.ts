import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { printable } from '../command/words';
import { TransportError } from '../transport';
import type { SshSettings } from './parseSettings';

/** The connection that SSH is spoken over. @throws TransportError `unreachable`, or the signal's reason */
export function openTcp(settings: SshSettings, label: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: settings.hostName,
      port: settings.port,
      noDelay: true,
      ...(settings.addressFamily !== 0 && { family: settings.addressFamily }),
      ...(settings.bindAddress !== undefined && { localAddress: settings.bindAddress }),
    });
    const abort = () => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const failed = (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort);
      reject(new TransportError('unreachable', `${label} cannot be reached at ${at(settings)}: ${networkFault(error)}.`, { cause: error }));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

function networkFault(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there; check the port, and that sshd runs';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known; check its spelling and your DNS';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to that address; check your network or VPN';
    case 'ETIMEDOUT':
      return 'there was no answer; check the address and the firewall';
    default:
      return printable(error.message);
  }
}

/** `host:port`, as messages name the place. */
export function at(settings: SshSettings): string {
  return printable(`${settings.hostName.includes(':') ? `[${settings.hostName}]` : settings.hostName}:${String(settings.port)}`);
}

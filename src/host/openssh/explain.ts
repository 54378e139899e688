import { lastLine, printable } from '../command/words';
import type { SshSettings } from '../ssh/parseSettings';
import { TransportError } from '../transport';

/** What OpenSSH's client printed when a connection failed, as a sentence. `label`: user@alias. */
export function explainFailure(stderr: string, label: string, settings: SshSettings): TransportError {
  const at = printable(`${settings.hostName.includes(':') ? `[${settings.hostName}]` : settings.hostName}:${String(settings.port)}`);
  const said = lastLine(stderr.replace(/[.\s]+$/, ''));
  const shown = said === '' ? 'ssh ended without a word' : said;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    const offender = /^Offending \S+ key in (.+?):(\d+)\s*$/m.exec(stderr);
    const where = offender?.[1] === undefined || offender[2] === undefined ? 'its line in known_hosts' : `${printable(offender[1])}:${offender[2]}`;
    return new TransportError('host-key', `The host key of ${label} has changed. The connection was refused, for someone may be in between. If the host was set up anew, remove ${where} and connect again.`);
  }
  if (/REVOKED HOST KEY|is marked as revoked/i.test(stderr)) return new TransportError('host-key', `${label} shows a host key that is marked as revoked; the connection was refused. Speak to whoever runs the host.`);
  if (/Host key verification failed|host key is known for/i.test(stderr)) {
    return new TransportError('host-key', `The host key of ${label} is not known, and the SSH configuration asks for known keys only. Add its key to ${settings.userKnownHostsFiles[0] ?? 'a known_hosts file'} first.`);
  }
  const denied = /Permission denied \(([^)\n]*)\)/.exec(stderr)?.[1];
  if (denied !== undefined || /Permission denied|Too many authentication failures/i.test(stderr)) {
    const takes = denied === undefined ? '' : ` (it takes ${printable(denied).replaceAll(',', ', ')})`;
    return new TransportError('authentication', `${label} refused the login by the system's ssh${takes}. Check the user name, and that your public key is in its authorized_keys.`);
  }
  if (/Could not resolve hostname/i.test(stderr)) return new TransportError('unreachable', `${label} cannot be reached at ${at}: the name is not known; check its spelling and your DNS.`);
  if (/Connection refused/i.test(stderr)) return new TransportError('unreachable', `${label} cannot be reached at ${at}: nothing listens there; check the port, and that sshd runs.`);
  if (/No route to host|Network is unreachable/i.test(stderr)) return new TransportError('unreachable', `${label} cannot be reached at ${at}: there is no way to that address; check your network or VPN.`);
  if (/timed out/i.test(stderr)) return new TransportError('unreachable', `No answer from ${label} at ${at}. Check the address, and that the network and its firewall let SSH through.`);
  if (/Unable to negotiate/i.test(stderr)) return new TransportError('failed', `${label} and the system's ssh have no algorithm in common: ${shown}.`);
  if (/Bad configuration option|Bad owner or permissions|terminating, \d+ bad|percent_expand/i.test(stderr)) return new TransportError('failed', `The system's ssh does not accept its configuration for ${label}: ${shown}.`);
  const through = settings.proxyCommand === undefined ? '' : ' Its ProxyCommand may have failed.';
  return new TransportError('unreachable', `${label} cannot be reached with the system's ssh: ${shown}.${through}`);
}

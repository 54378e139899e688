import { AddressError } from '../model/address';
import { printable } from '../report/printable';

/** What ssh itself refuses in a host's name on its command line (valid_hostname in OpenSSH's ssh.c, 9.6): a shell of ProxyCommand or Match exec might obey it. */
const refusedInHost = /['`"$\\;&<>|(){}\s\p{Cc}]|^-/u;
/** Likewise in a user's (valid_ruser). */
const refusedInUser = /['`";&<>|(){}\p{Cc}]|^-|\s-|\\$/u;
/** Host patterns of ssh_config(5). */
const pattern = /[*?!]/;

/** Whether ssh would take this text as a host's name or alias. */
export function isSshHost(text: string): boolean {
  return text !== '' && !refusedInHost.test(text) && !pattern.test(text);
}

/** @throws AddressError with a sentence */
export function checkSshName(host: string, user: string | undefined): void {
  if (pattern.test(host)) throw new AddressError(`"${printable(host)}" is a pattern, which names no single host.`);
  if (refusedInHost.test(host)) throw new AddressError(`"${printable(host)}" is no name of a host: ssh takes none with blanks, quotes or characters of a shell in it.`);
  if (user !== undefined && refusedInUser.test(user)) throw new AddressError(`"${printable(user)}" is no name of a user: ssh takes none with quotes or characters of a shell in it.`);
}

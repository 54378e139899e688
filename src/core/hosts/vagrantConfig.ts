import { AddressError } from '../model/address';
import { printable } from '../report/printable';
import { importHost, type Imported, type ImportedHost } from './importedHost';
import { isSshHost } from './sshName';

/**
 * Reads what `vagrant ssh-config` prints: a block per machine in ssh_config(5) syntax. Only address, user, port and key are taken: host keys are verified for these
 * machines as for every other, whatever StrictHostKeyChecking and UserKnownHostsFile say there; that a proxy is not taken over is said. @param source for messages.
 */
export function parseVagrantConfig(text: string, source: string): Imported {
  const hosts: ImportedHost[] = [];
  const faults: string[] = [];
  let machine: { readonly name: string; readonly line: number; readonly values: Map<string, string> } | undefined;
  const finish = (): void => {
    if (machine === undefined) return;
    const { name, line, values } = machine;
    const at = `${printable(source)}:${String(line)}: ${printable(name)}`;
    const host = values.get('hostname');
    if (!isSshHost(name)) faults.push(`${at} is left out: it is a pattern, or no name that ssh takes, and no machine.`);
    else if (host === undefined) faults.push(`${at} is left out: it has no HostName.`);
    else {
      try {
        hosts.push(importHost({ name, host, user: values.get('user'), port: values.get('port'), keyFile: values.get('identityfile'), groups: [] }));
        const proxy = ['ProxyCommand', 'ProxyJump'].find((setting) => (values.get(setting.toLowerCase()) ?? 'none').toLowerCase() !== 'none');
        if (proxy !== undefined) faults.push(`${at}: its ${proxy} is not taken over, so it may not be reached. Put the block of this machine into your SSH configuration, and use the alias "${printable(name)}" in place of this host.`);
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        faults.push(`${at} is left out: ${error.message}`);
      }
    }
    machine = undefined;
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([A-Za-z]+)\s+(.+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) {
      faults.push(`${printable(source)}:${String(index + 1)}: "${printable(line)}" is no setting of ssh_config.`);
      continue;
    }
    const key = match[1].toLowerCase();
    const value = /^"(.*)"$/.exec(match[2])?.[1] ?? match[2];
    if (key === 'host') {
      finish();
      machine = { name: value, line: index + 1, values: new Map() };
    } else if (machine !== undefined && !machine.values.has(key)) machine.values.set(key, value);
  }
  finish();
  if (hosts.length === 0 && faults.length === 0) faults.push(`${printable(source)} names no machine.`);
  return { hosts, faults };
}

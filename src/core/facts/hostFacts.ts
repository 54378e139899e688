import type { HostFacts } from '../model/snapshot';
import { whole } from './record';

const kinds = new Set<HostFacts['ip']>(['json', 'text', 'busybox', 'none']);

/** The overflow uid of Linux: whoever did not say who they are is not root. */
const nobody = 65534;

/** Reads the probe's "name value" lines about the host itself. What a line does not say is empty, 0 or absent. */
export function readHostFacts(text: string, privilege: HostFacts['privilege']): HostFacts {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([a-z-]+)(?: (.*))?$/.exec(line) ?? [];
    if (name !== '' && !lines.has(name)) lines.set(name, value);
  }
  const ip = kinds.has(lines.get('ip') as HostFacts['ip']) ? (lines.get('ip') as HostFacts['ip']) : 'none';
  const os = prettyName(lines.get('os') ?? '');
  const version = lines.get('ip-version') ?? '';
  return {
    hostname: lines.get('hostname') ?? '',
    kernel: lines.get('kernel') ?? '',
    ...(os !== '' && { os }),
    cpus: numberFrom(lines.get('cpus')) ?? 0,
    uid: numberFrom(lines.get('uid')) ?? nobody,
    privilege,
    ip,
    ...(version !== '' && { ipVersion: version }),
    tools: (lines.get('tools') ?? '').split(' ').filter((tool) => tool !== ''),
  };
}

function numberFrom(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : whole(Number(text));
}

/** os-release(5): a shell assignment, possibly quoted. */
function prettyName(line: string): string {
  const value = line.replace(/^PRETTY_NAME=/, '');
  const quoted = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
  return quoted.replace(/\\(["'$`\\])/g, '$1');
}

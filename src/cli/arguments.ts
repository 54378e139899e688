import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { defaultHelperImage, parseHelperImage } from '../core/hosts/helperImage';
import { AddressError, parseHostAddress, type HostAddress } from '../core/model/address';
import type { SshClientChoice } from '../host/ssh/chooseClient';
import { dearSources, type DearSource } from '../core/model/snapshot';
import { CliError } from './cliError';
import type { FromOptions } from './importedHosts';

/** What every verb takes. */
export const commonOptions = {
  host: { type: 'string', multiple: true },
  from: { type: 'string', multiple: true },
  'run-vagrant': { type: 'boolean' },
  'ssh-config': { type: 'string' },
  'known-hosts': { type: 'string' },
  'ssh-client': { type: 'string' },
  helper: { type: 'boolean' },
  'helper-image': { type: 'string' },
  timeout: { type: 'string' },
  sources: { type: 'string' },
  verbose: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

export interface CommonOptions extends FromOptions {
  readonly hosts: readonly HostAddress[];
  readonly sshConfigFile?: string;
  readonly knownHostsFile?: string;
  readonly sshClient: SshClientChoice;
  /** The image of a helper container, where one may run. */
  readonly helperImage?: string;
  /** For reading each host. */
  readonly limitMs: number;
  /** Where to look for namespaces beside the cheap sources. */
  readonly sources: readonly DearSource[];
  readonly verbose: boolean;
}

/** Strict parsing. @throws CliError that names the fault and the help. */
export function parseVerb<T extends ParseArgsConfig>(verb: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw usageError(verb, refusal(verb, String(error.code), error.message));
  }
}

/** Node's messages (util.parseArgs) name the option in quotes and go on with advice about positional arguments, which is not always right here. */
function refusal(verb: string, code: string, message: string): string {
  const option = /'(?:-\w, )?(-[^' ]*)/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `"${option}" is no option of ${verb}${verb === 'enter' ? '; a command follows --' : ''}`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      if (message.includes('does not take')) return `${option} takes no value`;
      return `${option} wants a value${message.includes('ambiguous') ? `; one that begins with "-" is written ${option}=-…` : ''}`;
    default:
      return message.split('\n')[0] ?? message;
  }
}

export function usageError(verb: string, message: string): CliError {
  const sentence = /[.!?…]$/.test(message) ? message : `${message}.`;
  return new CliError(`${sentence} See: netns-explorer ${verb} --help`);
}

/** @throws CliError for an address that is none, and where no host is named on a system without namespaces. */
export function readCommon(
  verb: string,
  values: { readonly host?: string[]; readonly from?: string[]; readonly 'run-vagrant'?: boolean; readonly 'ssh-config'?: string; readonly 'known-hosts'?: string; readonly 'ssh-client'?: string; readonly helper?: boolean; readonly 'helper-image'?: string; readonly timeout?: string; readonly sources?: string; readonly verbose?: boolean },
  platform: NodeJS.Platform = process.platform,
): CommonOptions {
  const sshConfigFile = values['ssh-config'];
  const knownHostsFile = values['known-hosts'];
  return {
    hosts: values.host === undefined && values.from !== undefined ? [] : readHostOptions(verb, values.host ?? [], platform),
    from: values.from ?? [],
    runVagrant: values['run-vagrant'] === true,
    ...(sshConfigFile !== undefined && { sshConfigFile: resolve(sshConfigFile) }),
    ...(knownHostsFile !== undefined && { knownHostsFile: resolve(knownHostsFile) }),
    sshClient: readClient(verb, values['ssh-client'] ?? 'auto'),
    ...(values.helper === true && { helperImage: readImage(verb, values['helper-image'] ?? defaultHelperImage) }),
    limitMs: readTimeout(verb, values.timeout ?? '30'),
    sources: readSources(verb, values.sources),
    verbose: values.verbose ?? false,
  };
}

function readHostOptions(verb: string, texts: readonly string[], platform: NodeJS.Platform): HostAddress[] {
  if (texts.length === 0) {
    if (platform !== 'linux') throw usageError(verb, 'Network namespaces are on Linux only: name a host with --host ssh://… or --host file:…');
    return [{ kind: 'local' }];
  }
  try {
    return texts.map((text) => {
      const address = parseHostAddress(text);
      return address.kind === 'file' ? { kind: 'file', path: resolve(address.path) } : address;
    });
  } catch (error) {
    if (error instanceof AddressError) throw usageError(verb, error.message);
    throw error;
  }
}

function readClient(verb: string, text: string): SshClientChoice {
  if (text === 'auto' || text === 'builtin' || text === 'openssh') return text;
  throw usageError(verb, '--ssh-client takes auto, builtin or openssh');
}

function readImage(verb: string, text: string): string {
  try {
    return parseHelperImage(text);
  } catch (error) {
    if (error instanceof AddressError) throw usageError(verb, error.message);
    throw error;
  }
}

function readSources(verb: string, text: string | undefined): readonly DearSource[] {
  const words = text === undefined ? [] : text.split(',');
  const unknown = words.find((word) => !dearSources.some((source) => source === word));
  if (unknown !== undefined) throw usageError(verb, `"${unknown}" is no source; there are ${dearSources.join(', ')}`);
  return dearSources.filter((source) => words.includes(source));
}

function readTimeout(verb: string, text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 1 && seconds <= 3600)) throw usageError(verb, '--timeout takes seconds, from 1 to 3600');
  return seconds * 1000;
}

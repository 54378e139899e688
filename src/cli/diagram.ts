import { join } from 'node:path';
import { dot } from '../core/diagram/dot';
import type { DiagramGraph } from '../core/diagram/graph';
import { mermaid } from '../core/diagram/mermaid';
import { subjectGraph } from '../core/diagram/subjectGraph';
import { svg, type SvgTheme } from '../core/diagram/svg';
import { text } from '../core/diagram/text';
import type { HostNode, Network, Topology } from '../core/model/topology';
import { printable } from '../core/report/printable';
import { LayoutClient } from '../discovery/layout/layoutClient';
import { commonOptions, parseVerb, readCommon, usageError } from './arguments';
import { CliError } from './cliError';
import { findTarget, networksNamed } from './findTarget';
import { diagramHelp } from './help';
import type { Run } from './run';
import { tell, writeAll, writeResult } from './streams';

const formats = ['text', 'svg', 'mermaid', 'dot'] as const;
type Format = (typeof formats)[number];
const themes: readonly SvgTheme[] = ['auto', 'light', 'dark'];

/** @returns the exit status. @throws CliError where the network is not there, or nothing could be read. */
export async function diagram(argv: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseVerb('diagram', {
    args: [...argv],
    options: { ...commonOptions, network: { type: 'string' }, on: { type: 'string' }, container: { type: 'string' }, all: { type: 'boolean' }, format: { type: 'string' }, theme: { type: 'string' }, output: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    await writeAll(process.stdout, diagramHelp);
    return 0;
  }
  if (positionals[0] !== undefined) throw usageError('diagram', `"${positionals[0]}" is no option. What to draw is named with --network, --on or --container`);
  const named = [values.network, values.on, values.container].filter((value) => value !== undefined);
  if (named.length !== 1) throw usageError('diagram', 'Say what to draw with one of --network NAME, --on HOST and --container NAME');
  const format = oneOf('--format', values.format ?? 'text', formats);
  const theme = oneOf('--theme', values.theme ?? 'auto', themes);
  const common = readCommon('diagram', values);
  const read = await run.readHosts(common);
  try {
    for (const fault of [...read.failures, ...read.faults]) tell(fault);
    const subject = findSubject(read.topology, values);
    const graph = subjectGraph(read.topology, subject, values.all === true ? everything : undefined);
    if (graph === undefined) throw new CliError(`"${printable(named.join())}" is gone. Try again.`);
    await writeResult(await drawn(graph, format, theme, run.signal), values.output);
    return read.complete ? 0 : 1;
  } finally {
    read.dispose();
  }
}

/** Every fold is open. */
const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

/** @throws CliError where nothing fits, or more than one thing. */
function findSubject(topology: Topology, { network, on, container }: { readonly network?: string; readonly on?: string; readonly container?: string }): string {
  if (network !== undefined) return findNetwork(topology, network).id;
  if (on !== undefined) return findHost(topology, on).id;
  const target = findTarget(topology, container ?? '');
  return target.container?.id ?? target.sandbox.id;
}

/** A host by its label, address or host name. */
export function findHost(topology: Topology, name: string): HostNode {
  const found = topology.hosts.filter(({ id, label, snapshot }) => [id, label, snapshot.host.hostname].includes(name));
  const [first, ...others] = found;
  const list = (hosts: readonly HostNode[]): string => hosts.map(({ id, label }) => (id === label ? printable(id) : `${printable(label)} (${printable(id)})`)).join(', ');
  if (first === undefined) throw new CliError(`No host that was read is called "${printable(name)}". There are: ${list(topology.hosts)}.`);
  if (others.length > 0) throw new CliError(`"${printable(name)}" may be one of these hosts; say which by its address: ${list(found)}.`);
  return first;
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((each) => each === value);
  if (choice === undefined) throw usageError('diagram', `${option} takes ${choices.join(', ')}; not "${printable(value)}"`);
  return choice;
}

async function drawn(graph: DiagramGraph, format: Format, theme: SvgTheme, signal: AbortSignal): Promise<string> {
  switch (format) {
    case 'text':
      return withNewline(text(graph));
    case 'mermaid':
      return withNewline(mermaid(graph));
    case 'dot':
      return withNewline(dot(graph));
    case 'svg': {
      const layout = new LayoutClient({ workerPath: join(__dirname, 'layoutWorker.js') });
      try {
        return withNewline(svg(await layout.layout(graph, signal), { theme }));
      } finally {
        layout.dispose();
      }
    }
  }
}

function withNewline(result: string): string {
  return result.endsWith('\n') ? result : `${result}\n`;
}

/** A network by name or id. One that several hosts share is one; names like `bridge` are another network on each host. */
export function findNetwork(topology: Topology, name: string): Network {
  const found = networksNamed(topology, name);
  const groups = new Map(found.map((network) => [groupOf(topology, network), network]));
  const [first, ...others] = [...groups.values()];
  if (first === undefined) {
    const names = [...new Set([...topology.network.values()].map((network) => printable(network.name)))].sort();
    throw new CliError(`There is no network "${printable(name)}". ${names.length === 0 ? 'No engine here has told of any.' : `There are: ${names.join(', ')}.`}`);
  }
  if (others.length > 0) {
    const list = [...groups.values()].map((network) => `  ${printable(network.name)} (${printable(network.driver)}) on ${printable(topology.host.get(network.hostId)?.label ?? network.hostId)}, id ${printable(network.engine.id.slice(0, 12))}`);
    throw new CliError(`"${printable(name)}" is another network on each host. Say which by its id, or name one --host:\n${list.join('\n')}`);
  }
  return found.find((network) => network.hostId === topology.hosts[0]?.id) ?? first;
}

function groupOf(topology: Topology, network: Network): string {
  for (const [key, ids] of topology.shared) {
    if (ids.includes(network.id)) return `shared ${key}`;
  }
  return network.id;
}

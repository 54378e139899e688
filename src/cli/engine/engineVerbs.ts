import type { Container, HostNode, Topology } from '../../core/model/topology';
import { dnsNames, dnsNamesText } from '../../core/report/dnsNames';
import { engineSettings, engineSettingsText, hasDocker, noDockerText } from '../../core/report/engineSettings';
import { printable, printableText } from '../../core/report/printable';
import { publishedPortsText } from '../../core/report/publishedPorts';
import { readDnsNames } from '../../discovery/readDnsNames';
import { readEngineFacts } from '../../discovery/readEngineFacts';
import { readPublishedPorts } from '../../discovery/readPortServers';
import { commonOptions, parseVerb, readCommon, usageError } from '../arguments';
import { CliError } from '../cliError';
import { containersNamed } from '../findTarget';
import { namesHelp, portsHelp, settingsHelp } from '../help';
import type { ReadHost, ReadHosts } from '../readHosts';
import type { Run } from '../run';
import { tell, writeAll, writeResult } from '../streams';

/** What one host answers. `faulty`: something of it could not be read. */
interface Answer {
  /** Hostile, many lines. */
  readonly text: string;
  readonly json: object;
  readonly faulty: boolean;
}

type Asked = (host: ReadHost, node: HostNode, container: Container | undefined, topology: Topology, signal: AbortSignal) => Promise<Answer>;

/** Published ports of all containers and services, or of one container. @returns the exit status. @throws CliError */
export function ports(argv: readonly string[], run: Run): Promise<number> {
  return engineVerb('ports', portsHelp, 'optional', argv, run, async ({ transport }, node, container, topology, signal) => {
    if (node.snapshot.engine === undefined) return { text: 'No engine of this host was read, so nothing is known of published ports.\n', json: { containers: [], services: [], faults: ['No engine of this host was read.'] }, faulty: true };
    const report = await readPublishedPorts(topology, node, container?.engine.id ?? '', transport, signal);
    const none = report.containers.length + report.services.length === 0;
    return { text: none ? 'No running container or service of this host publishes a port.\n' : publishedPortsText(report), json: report, faulty: report.faults.length > 0 };
  });
}

/** The names that a container resolves. @returns the exit status. @throws CliError */
export function names(argv: readonly string[], run: Run): Promise<number> {
  return engineVerb('names', namesHelp, 'needed', argv, run, async ({ engine, snapshot }, _node, container, topology, signal) => {
    if (container === undefined || engine === undefined) throw new CliError('No engine answers for this container.');
    const { own, networks } = await readDnsNames(engine, container, topology, signal);
    return { text: dnsNamesText(own, networks, container.engine.engine ?? snapshot.engine?.kind), json: { container: container.name, id: container.engine.id, networks: dnsNames(own, networks) }, faulty: networks.some(({ more }) => more > 0) };
  });
}

/** How an engine was started and configured. @returns the exit status. @throws CliError */
export function settings(argv: readonly string[], run: Run): Promise<number> {
  return engineVerb('settings', settingsHelp, 'none', argv, run, async ({ transport, snapshot }, _node, _container, _topology, signal) => {
    const facts = await readEngineFacts(transport, signal);
    if (!hasDocker(facts, snapshot.engine)) return { text: `${noDockerText(facts)}\n`, json: { settings: [], others: [], faults: [noDockerText(facts)] }, faulty: true };
    const report = engineSettings(facts);
    return { text: engineSettingsText(facts), json: report, faulty: report.faults.length > 0 };
  });
}

async function engineVerb(verb: string, help: string, takes: 'none' | 'optional' | 'needed', argv: readonly string[], run: Run, asked: Asked): Promise<number> {
  const { values, positionals } = parseVerb(verb, { args: [...argv], options: { ...commonOptions, json: { type: 'boolean' }, output: { type: 'string' } }, allowPositionals: true });
  if (values.help === true) {
    await writeAll(process.stdout, help);
    return 0;
  }
  const [word, surplus] = positionals;
  const one = takes === 'none' ? word : surplus;
  if (one !== undefined) throw usageError(verb, `"${one}" is ${takes === 'none' ? 'no option. A host is named with --host' : 'one too many: name one CONTAINER'}`);
  if (takes === 'needed' && word === undefined) throw usageError(verb, 'Name the CONTAINER whose names are asked for');
  const common = readCommon(verb, values);
  const read = await run.readHosts(common);
  try {
    for (const fault of [...read.failures, ...read.faults]) tell(fault);
    const container = word === undefined ? undefined : findContainer(read.topology, word);
    const hosts = read.hosts.filter(({ transport }) => container === undefined || transport.id === container.hostId);
    const answers: { readonly host: HostNode; readonly answer: Answer }[] = [];
    for (const host of hosts) {
      if (!host.transport.live) throw new CliError(`${printable(host.label)} is a recorded host: a recording does not hold this.`);
      const node = read.topology.host.get(host.transport.id);
      if (node !== undefined) answers.push({ host: node, answer: await asked(host, node, container, read.topology, run.signal) });
    }
    const alone = answers.length === 1;
    const objects = answers.map(({ host, answer }) => ({ host: host.label, hostId: host.id, ...answer.json }));
    // Of several hosts each begins with its name.
    const text = answers.map(({ host, answer }) => `${alone ? '' : `${printable(host.label)}  (${printable(host.id)})\n\n`}${printableText(answer.text)}`).join('\n');
    await writeResult(values.json === true ? `${JSON.stringify(common.hosts.length === 1 || alone ? objects[0] : objects, undefined, 2)}\n` : text, values.output);
    return read.failures.length > 0 || answers.some(({ answer }) => answer.faulty) ? 1 : 0;
  } finally {
    read.dispose();
  }
}

/** @throws CliError where none or several fit */
function findContainer(topology: ReadHosts['topology'], word: string): Container {
  const found = containersNamed(topology, word);
  const [first, ...others] = found;
  if (first === undefined) throw new CliError(`There is no container "${printable(word)}" on ${topology.hosts.map(({ label }) => printable(label)).join(', ')}.`);
  if (others.length > 0) {
    const list = found.map((container) => `  ${printable(container.name)} on ${printable(topology.host.get(container.hostId)?.label ?? container.hostId)}, id ${container.engine.id.slice(0, 12)}`);
    throw new CliError(`"${printable(word)}" may be one of these. Say which by its id, or name one --host:\n${list.join('\n')}`);
  }
  return first;
}

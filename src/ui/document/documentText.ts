import { dumpCommand, renderDump } from '../../core/command/dump';
import { dumpById, dumps, type DumpId } from '../../core/command/dumps';
import { enterTarget } from '../../core/command/enterTarget';
import { subjectGraph } from '../../core/diagram/subjectGraph';
import { text as diagramText } from '../../core/diagram/text';
import { decodedValue, describeRecord } from '../../core/facts/storeRecords';
import type { HostId } from '../../core/model/address';
import { containerId, networkId, sandboxId } from '../../core/model/ids';
import type { HostNode, Sandbox, Topology } from '../../core/model/topology';
import { annotateAddresses } from '../../core/report/annotate';
import { annotateProcesses, containersOfCgroups, knownPids } from '../../core/report/annotateProcesses';
import { dnsNamesText } from '../../core/report/dnsNames';
import { engineSettingsText, hasDocker, noDockerText } from '../../core/report/engineSettings';
import { publishedPortsText } from '../../core/report/publishedPorts';
import { printable, printableText } from '../../core/report/printable';
import { networkRecordsText } from '../../core/report/storeText';
import { snapshotDump } from '../../core/report/snapshotDump';
import type { Explorer } from '../../discovery/explorer';
import { readDnsNames } from '../../discovery/readDnsNames';
import { readEngineFacts } from '../../discovery/readEngineFacts';
import { readPublishedPorts } from '../../discovery/readPortServers';
import type { StoreBook } from '../../discovery/storeBook';
import { networkOf } from '../tree/storeNetwork';
import { ownTitle } from '../tree/sandboxText';
import type { Translate } from '../translate';
import type { DocumentSubject } from './dumpUri';
import { maskEnvironment } from './mask';

/** All of one namespace's dumps in one document. */
export const allDumps = 'all';

/** A namespace with thousands of sockets or connections answers slowly, one that hangs never. */
const dumpLimitMs = 30_000;
const annotated: ReadonlySet<DumpId> = new Set(['fdb', 'neighbours']);

/** The text of a document, read from its host now (or, of a recorded host, from the recording). Faults become the text: a document is where they are looked for. */
export async function documentText(subject: DocumentSubject, explorer: Explorer, t: Translate, signal: AbortSignal, stores?: Pick<StoreBook, 'ask'>): Promise<string> {
  try {
    switch (subject.kind) {
      case 'dump':
        return await dumpText(subject, explorer, t, signal);
      case 'inspect':
        return await inspectText(subject, explorer, t, signal);
      case 'ports':
        return await portsText(subject, explorer, t, signal);
      case 'names':
        return await namesText(subject, explorer, t, signal);
      case 'engine':
        return await engineText(subject.host, explorer, t, signal);
      case 'storeRecord':
      case 'storeNetwork':
        return stores === undefined ? '' : await storeText(subject, explorer, stores, t, signal);
      case 'diagram': {
        const graph = subjectGraph(explorer.topology, subject.network);
        return graph === undefined ? `${t('What this diagram showed is not there any more, or its host has not been read yet. Refresh the host and this document.')}\n` : printableText(diagramText(graph));
      }
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return `${printableText(error instanceof Error ? error.message : String(error))}\n`;
  }
}

async function dumpText(subject: Extract<DocumentSubject, { kind: 'dump' }>, explorer: Explorer, t: Translate, signal: AbortSignal): Promise<string> {
  const { topology } = explorer;
  const sandbox = topology.sandbox.get(sandboxId(subject.host, subject.namespace));
  const host = topology.host.get(subject.host);
  if (sandbox === undefined || host === undefined) {
    return `${t('This network namespace is gone, or its host has not been read yet. Refresh the host in the Netns Explorer, then this document.')}\n`;
  }
  const ids = subject.dump === allDumps ? dumps.filter(({ apart }) => apart !== true).map((dump) => dump.id) : dumps.filter((dump) => dump.id === subject.dump).map((dump) => dump.id);
  const heading = `# ${printable(`${ownTitle(sandbox, t)} on ${host.label}`)}, net:[${String(sandbox.inode)}]`;
  const transport = explorer.transport(subject.host);
  if (!transport.live) return `${heading}\n\n${recordedText(ids, sandbox, host, explorer, t)}`;
  const command = dumpCommand(enterTarget(topology, sandbox), ids);
  const output = command.parse(await transport.run(command, { limitMs: dumpLimitMs, signal }));
  const containers = knownPids(topology, subject.host);
  for (const part of output.parts.filter(({ dump }) => dump === 'listening')) {
    for (const [pid, name] of containersOfCgroups(part.text, topology, subject.host)) containers.set(pid, name);
  }
  const parts = output.parts.map((part) => {
    if (part.dump === 'listening' || part.dump === 'sockets') return { ...part, text: annotateProcesses(part.text, containers) };
    return annotated.has(part.dump) ? { ...part, text: annotateAddresses(part.text, topology, subject.host, networkName(topology, sandbox)) } : part;
  });
  return `${heading}\n\n${printableText(renderDump({ ...output, parts }))}`;
}

function networkName(topology: Topology, { networkId: id }: Sandbox): string | undefined {
  return id === undefined ? undefined : topology.network.get(id)?.name;
}

function recordedText(ids: readonly DumpId[], sandbox: Sandbox, host: HostNode, explorer: Explorer, t: Translate): string {
  const note = `# ${t('From the recording of {0}, in the form in which the tools print it.', host.snapshot.takenAt)}`;
  const parts = ids.map((id) => {
    const text = snapshotDump(sandbox.record, id)?.trimEnd();
    const { title } = dumpById(id);
    if (text === undefined) return `# ${title}: ${t('not in the recording. It holds links, addresses, routes, neighbours, bridge ports and forwarding databases.')}`;
    const body = annotated.has(id) ? annotateAddresses(text, explorer.topology, host.id, networkName(explorer.topology, sandbox)) : text;
    return `# ${title}\n${body === '' ? `# ${t('(none)')}` : body}`;
  });
  return `${printable(note)}\n\n${parts.join('\n\n')}\n`;
}

async function engineText(host: HostId, explorer: Explorer, t: Translate, signal: AbortSignal): Promise<string> {
  const transport = explorer.transport(host);
  if (!transport.live) return `${t('A recording does not hold how the engine was started.')}\n`;
  const facts = await readEngineFacts(transport, signal);
  return hasDocker(facts, explorer.topology.host.get(host)?.snapshot.engine) ? printableText(engineSettingsText(facts)) : `${noDockerText(facts)}\n`;
}

async function inspectText(subject: Extract<DocumentSubject, { kind: 'inspect' }>, explorer: Explorer, t: Translate, signal: AbortSignal): Promise<string> {
  const { topology } = explorer;
  if (explorer.transport(subject.host).live) {
    const record = await (await explorer.engine(subject.host)).inspect(subject.record, subject.id, signal);
    return json(record);
  }
  const recorded =
    subject.record === 'network' ? topology.network.get(networkId(subject.host, subject.id))?.engine.raw : topology.container.get(containerId(subject.host, subject.id))?.engine.raw;
  return recorded === undefined ? `${t('The recording holds no record of it.')}\n` : json(recorded);
}

async function portsText({ host: hostId, container: id }: Extract<DocumentSubject, { kind: 'ports' }>, explorer: Explorer, t: Translate, signal: AbortSignal): Promise<string> {
  const host = explorer.topology.host.get(hostId);
  if (host === undefined) return `${t('This host has not been read yet. Refresh it in the Netns Explorer, then this document.')}\n`;
  const transport = explorer.transport(hostId);
  if (!transport.live) return `${t('A recording holds neither the rules nor the processes that serve published ports.')}\n`;
  const report = await readPublishedPorts(explorer.topology, host, id, transport, signal);
  if (report.containers.length + report.services.length === 0) return `${id === '' ? t('No running container or service of this host publishes a port.') : t('This container is gone. Refresh its host.')}\n`;
  return printableText(publishedPortsText(report));
}

async function namesText({ host: hostId, container: id }: Extract<DocumentSubject, { kind: 'names' }>, explorer: Explorer, t: Translate, signal: AbortSignal): Promise<string> {
  const container = explorer.topology.container.get(containerId(hostId, id));
  if (container === undefined) return `${t('This container is gone, or its host has not been read yet. Refresh its host.')}\n`;
  if (!explorer.transport(hostId).live) return `${t('A recording does not hold the aliases that give names.')}\n`;
  const { own, networks } = await readDnsNames(await explorer.engine(hostId), container, explorer.topology, signal);
  const kind = container.engine.engine ?? explorer.topology.host.get(hostId)?.snapshot.engine?.kind;
  return printableText(dnsNamesText(own, networks, kind));
}

async function storeText(subject: Extract<DocumentSubject, { kind: 'storeRecord' | 'storeNetwork' }>, explorer: Explorer, stores: Pick<StoreBook, 'ask'>, t: Translate, signal: AbortSignal): Promise<string> {
  const { host } = subject;
  if (subject.kind === 'storeNetwork') {
    const found = await stores.ask(host, { signal });
    return networkRecordsText(found, subject.network, networkOf(explorer.topology, host, subject.network)?.name ?? subject.network.slice(0, 12));
  }
  const { store: address, key, api } = subject;
  const { stores: found, faults } = await stores.ask(host, { address, key, signal });
  const comment = (text: string): string => `${subject.json ? '//' : '#'} ${printable(text)}`;
  const record = found.flatMap(({ readings }) => readings).find((reading) => reading.api === api)?.records.find((each) => each.key === key);
  const said = [...faults, ...found.flatMap((each) => each.faults)].map(({ message }) => comment(message));
  if (record === undefined) return `${[...said, comment(t('{0} has no record {1}, or it could not be read. Refresh the key-value store in the Netns Explorer.', address, key))].join('\n')}\n`;
  const is = describeRecord(record, new Map());
  const value = decodedValue(record);
  const head = [comment(key), ...(is === '' ? [] : [comment(is)]), comment([address, api, ...found.map(({ from }) => from)].join(' · ')), ...said];
  return `${head.join('\n')}\n${value.json ? jsonSafe(value.text) : printableText(value.text)}\n`;
}

/** JSON.stringify escapes controls below U+0020 alone; the rest of what cannot be seen is escaped here, in JSON's own way. */
function json(record: unknown): string {
  return `${jsonSafe(JSON.stringify(maskEnvironment(record), undefined, 2))}\n`;
}

function jsonSafe(text: string): string {
  return text.replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  );
}

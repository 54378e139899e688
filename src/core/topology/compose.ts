import type { ComposeNetwork, ComposeProject } from '../model/compose';
import type { EngineNetwork } from '../model/engine';
import type { HostNode } from '../model/topology';
import { canonicalAddress } from './canonicalAddress';

/*
 * A network that is there is used by `docker-compose up` as it is, whatever the file says by now. docker-compose 1.10 and newer refuses some differences,
 * and keeps silent about others.
 */

/** How a network differs from what its project's files say now: parts of a sentence. Empty: it does not, or nothing is known. Hostile text. */
export function composeDifferences(network: EngineNetwork, projects: readonly ComposeProject[]): readonly string[] {
  const project = network.labels['com.docker.compose.project'];
  const key = network.labels['com.docker.compose.network'];
  if (project === undefined || key === undefined) return [];
  // One project may have been brought up from several places: the network is right where it fits one of them.
  const all = projects.filter((each) => each.project === project).flatMap((each) => (each.networks === undefined ? [] : [differences(network, key, each)]));
  return all.some((each) => each.length === 0) ? [] : (all[0] ?? []);
}

function differences(network: EngineNetwork, key: string, { project, networks = [], partial }: ComposeProject): readonly string[] {
  const wanted = networks.find((each) => each.key === key);
  if (wanted === undefined) return partial === true ? [] : [`the file has no network "${key}" any more`];
  if (wanted.external) return [`"${key}" is external in the file, which means a network that Compose does not make${wanted.name === undefined ? '' : `: "${wanted.name}"`}`];
  const names = new Set([wanted.name ?? `${project}_${key}`, wanted.name ?? `${project}-${key}`]);
  return [
    ...(names.has(network.name) ? [] : [`its name in the file is "${wanted.name ?? `${project}_${key}`}"`]),
    ...(wanted.driver !== undefined && wanted.driver !== network.driver ? [`the file's driver is ${wanted.driver}, this network's ${network.driver}`] : []),
    ...addresses('subnet', wanted.subnets, network.subnets.map(({ subnet }) => subnet)),
    ...addresses('gateway', wanted.gateways, network.subnets.flatMap(({ gateway }) => gateway ?? [])),
    ...(wanted.internal !== undefined && wanted.internal !== network.internal ? [wanted.internal ? 'the file has it internal, and it is not' : 'it is internal, and in the file it is not'] : []),
    ...Object.entries(wanted.options).flatMap(([option, value]) => (network.options[option] === value ? [] : [`the file's ${option} is ${value}, this network's ${network.options[option] ?? 'not set'}`])),
  ];
}

/** A network may have more of them than the file names: those that the engine chose. */
function addresses(what: string, wanted: readonly string[], there: readonly string[]): readonly string[] {
  const own = new Set(there.map(subnetText));
  return wanted.every((each) => own.has(subnetText(each))) ? [] : [`the file's ${what} is ${wanted.join(', ')}, this network's ${there.join(', ') || 'none'}`];
}

function subnetText(subnet: string): string {
  const [address = '', length] = subnet.split('/');
  return length === undefined ? canonicalAddress(address) : `${canonicalAddress(address)}/${length}`;
}

/** What to do about it. */
export const composeMend = 'Compose goes on using a network that is there: "docker-compose down" removes it where nothing else is on it, and "up" then makes it as the file says.';

/** Networks that the files say a service is on, and that are not on the host: the project was not brought up since. */
export function networksNotMade({ project, networks = [] }: ComposeProject, there: readonly EngineNetwork[]): readonly ComposeNetwork[] {
  const made = new Set(there.filter(({ labels }) => labels['com.docker.compose.project'] === project).map(({ labels }) => labels['com.docker.compose.network']));
  const names = new Set(there.map(({ name }) => name));
  return networks.filter(({ key, used, external, name }) => used && (external ? name !== undefined && !names.has(name) : !made.has(key)));
}

/** Of each project what does not fit: one entry for each difference or fault. Hostile text. */
export function composeRemarks({ snapshot }: Pick<HostNode, 'snapshot'>): readonly { readonly project: string; readonly network: string; readonly remark: string }[] {
  const { compose: projects = [], engine } = snapshot;
  const networks = engine?.networks ?? [];
  const differing = networks.flatMap((network) => composeDifferences(network, projects).map((remark) => ({ project: network.labels['com.docker.compose.project'] ?? '', network: network.name, remark })));
  return [
    ...differing,
    ...projects.flatMap((each) => networksNotMade(each, networks).map(({ key, name }) => ({ project: each.project, network: name ?? `${each.project}_${key}`, remark: 'the file has a service on it, and it was not made' }))),
    ...projects.flatMap(({ project, fault }) => (fault === undefined ? [] : [{ project, network: '', remark: fault }])),
  ];
}

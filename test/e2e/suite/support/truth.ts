import type { LabHostName } from '../../../lab/client.mjs';
import { useLab } from './lab';

/*
 * Readings of a host by its own tools, made for the comparison alone: docker, findmnt, readlink, ip and bridge.
 */

export interface DockerNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] | null };
  readonly Containers: Readonly<Record<string, { readonly Name: string; readonly MacAddress: string; readonly IPv4Address: string }>>;
  readonly Options: Readonly<Record<string, string>> | null;
}

export interface DockerContainer {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Status: string; readonly Pid: number };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly MacAddress: string }>> };
}

export async function dockerNetworks(host: LabHostName): Promise<readonly DockerNetwork[]> {
  return JSON.parse(await (await useLab()).sh(host, 'docker network inspect $(docker network ls -q --no-trunc)')) as DockerNetwork[];
}

export async function dockerContainers(host: LabHostName): Promise<readonly DockerContainer[]> {
  return JSON.parse(await (await useLab()).sh(host, 'docker inspect $(docker ps -aq --no-trunc)')) as DockerContainer[];
}

/** Inode of the namespace of a process or a bind-mounted file. */
export async function inodeOf(host: LabHostName, path: string): Promise<number> {
  return Number((await (await useLab()).run(host, ['stat', '-L', '-c', '%i', path])).trim());
}

/** Inodes of every network namespace that is bind-mounted anywhere, or has a process in it. */
export async function namespaceInodes(host: LabHostName): Promise<ReadonlySet<number>> {
  const { sh } = await useLab();
  // In the order in which it is cheap to be complete: first the processes, then every mount, by (device, inode) of the file itself.
  const mounted = await sh(host, `findmnt --json --type nsfs --output TARGET`);
  const targets = mounted.trim() === '' ? [] : flatten((JSON.parse(mounted) as { filesystems: Mount[] }).filesystems);
  const inodes = await Promise.all(targets.map((target) => statNamespace(host, target)));
  const processes = await sh(host, 'for p in /proc/[0-9]*; do readlink $p/ns/net; done 2>/dev/null | sort -u');
  return new Set([...inodes.filter((inode) => inode !== undefined), ...[...processes.matchAll(/net:\[(\d+)\]/g)].map((match) => Number(match[1]))]);
}

interface Mount {
  readonly target: string;
  readonly children?: readonly Mount[];
}

function flatten(mounts: readonly Mount[]): string[] {
  return mounts.flatMap((mount) => [mount.target, ...flatten(mount.children ?? [])]);
}

/** Only network namespaces: other kinds may be bind-mounted as well. */
async function statNamespace(host: LabHostName, target: string): Promise<number | undefined> {
  const { run } = await useLab();
  // findmnt escapes what does not print as \xNN.
  const path = Buffer.from(target.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))), 'latin1').toString('utf8');
  const kind = await run(host, ['nsenter', `--net=${path}`, 'readlink', '/proc/self/ns/net']).catch(() => '');
  const inode = /net:\[(\d+)\]/.exec(kind)?.[1];
  return inode === undefined ? undefined : Number(inode);
}

export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link_index?: number;
  readonly master?: string;
  readonly operstate: string;
  readonly address?: string;
  readonly mtu: number;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string; readonly info_data?: { readonly id?: number; readonly port?: number } };
}

/** Links of the namespace that a file names. */
export async function linksOf(host: LabHostName, namespaceFile: string): Promise<readonly IpLink[]> {
  return JSON.parse(await (await useLab()).run(host, ['nsenter', `--net=${namespaceFile}`, 'ip', '-json', '-details', 'link'])) as IpLink[];
}

/** The file under /run/docker/netns that is an overlay's sandbox on a host. */
export function overlaySandboxFile(networkId: string): string {
  return `/run/docker/netns/1-${networkId.slice(0, 10)}`;
}

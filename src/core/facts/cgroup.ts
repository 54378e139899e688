/** What made a control group, as far as its path tells. */
export type CgroupOwner =
  | { readonly kind: 'container'; readonly engine: ContainerEngine; /** 64 hexadecimal digits; of containerd any name. */ readonly id: string; /** Where the runtime's files tell it; hostile text. */ readonly name?: string; /** Of the Kubernetes pod. */ readonly podUid?: string }
  | { readonly kind: 'lxc' | 'machine' | 'unit'; /** Of the LXC container, the systemd-nspawn machine or the service; hostile text. */ readonly name: string; /** The container or machine that it is in, and what that is in: `deb in web`. */ readonly within?: string };

export type ContainerEngine = 'docker' | 'podman' | 'containerd' | 'cri-o' | 'unknown';

const makers: Readonly<Record<string, ContainerEngine>> = {
  docker: 'docker',
  libpod: 'podman',
  // With --cgroups=split, as quadlet's services are run (libpod/oci_conmon_linux.go).
  'libpod-payload': 'podman',
  libpod_parent: 'podman',
  'cri-containerd': 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
  // The namespaces of containerd that nerdctl, ctr and the CRI plug-in use, without systemd (runtime/v2: /NAMESPACE/ID).
  default: 'containerd',
  'k8s.io': 'containerd',
};

/**
 * The innermost container id of a control group path: "/docker/<id>", "docker-<id>.scope", "libpod-<id>.scope", "cri-containerd-<id>.scope",
 * "/kubepods/…/<id>" (versions 1 and 2). Podman's and CRI-O's monitors name their container, too, but run outside of it.
 */
export function containerIdOf(cgroup: string): string | undefined {
  return innermostContainer(cgroup)?.id;
}

function innermostContainer(cgroup: string): { readonly id: string; readonly maker: string } | undefined {
  let found: { readonly id: string; readonly maker: string } | undefined;
  for (const line of cgroup.split('\n')) {
    // "hierarchy:controllers:path"
    const parts = line.split(':').slice(2).join(':').split('/');
    parts.forEach((part, at) => {
      const [, prefix = parts[at - 1] ?? '', id] = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/.exec(part) ?? [];
      if (id !== undefined && !/(?:^|-)conmon$/.test(prefix)) found = { id, maker: prefix.slice(prefix.lastIndexOf(':') + 1) };
    });
  }
  return found;
}

/**
 * Reads the lines of /proc/PID/cgroup (cgroups(7)). The innermost container is told, else the LXC container (`lxc.payload.NAME`, before version 4 `/lxc/NAME`),
 * else the machine of systemd-nspawn (`systemd-nspawn@NAME.service`, `machine-NAME.scope`), else the service that systemd started.
 */
export function readCgroup(cgroup: string): CgroupOwner | undefined {
  const container = innermostContainer(cgroup);
  if (container) {
    const podUid = /[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=\.slice|\/)/.exec(cgroup)?.[1];
    return { kind: 'container', engine: makers[container.maker] ?? 'unknown', id: container.id, ...(podUid !== undefined && { podUid: podUid.replaceAll('_', '-') }) };
  }
  const lxc = /\/lxc(?:\.payload\.|\.payload\/|\/)([^/\n]+)/.exec(cgroup)?.[1];
  if (lxc !== undefined) return { kind: 'lxc', name: lxc };
  const machine = /\/systemd-nspawn@([^/\n]+)\.service(?=\/|$)/m.exec(cgroup)?.[1] ?? /\/machine-([^/\n]+)\.scope(?=\/|$)/m.exec(cgroup)?.[1];
  if (machine !== undefined) return { kind: 'machine', name: unescapeUnit(machine) };
  const unit = /^(?:0:|\d+:name=systemd):\/(?:[^/\n]+\.slice\/)*([^/\n]+\.service)(?=\/|$)/m.exec(cgroup)?.[1];
  // A user's manager is a service itself, whatever runs under it.
  return unit === undefined || /^user@\d+\.service$/.test(unit) ? undefined : { kind: 'unit', name: unescapeUnit(unit) };
}

/**
 * What a process belongs to within an LXC container or a machine: a service of the systemd there, or a machine in it. Undefined where that is the container or machine
 * itself. Of a group that an engine's container made nothing is told.
 */
export function innerOwner(cgroup: string): (CgroupOwner & { readonly kind: 'lxc' | 'machine' | 'unit' }) | undefined {
  if (innermostContainer(cgroup)) return undefined;
  const paths = cgroup.split('\n').flatMap((line) => /^(?:0:|\d+:name=systemd):(.*)$/s.exec(line)?.slice(1) ?? []);
  const found = paths.map(layersOf).sort((a, b) => b.names.length - a.names.length)[0];
  if (!found || found.names.length === 0) return undefined;
  // Where both versions are, a systemd within may keep to the one in which its container has no group of its own.
  const unit = [found.rest, ...paths].flatMap((path) => /^(?:\/payload)?\/(?:[^/]+\.slice\/)*([^/]+\.service)(?=\/|$)/.exec(path)?.slice(1) ?? []).find((name) => !/^(?:user@\d+|systemd-nspawn@.*)\.service$/.test(name));
  if (unit !== undefined) return { kind: 'unit', name: unescapeUnit(unit), within: found.names.join(' in ') };
  const [name = '', ...outer] = found.names;
  return outer.length === 0 ? undefined : { kind: found.kind, name, within: outer.join(' in ') };
}

/** The containers and machines in a path, innermost first, and what follows them. */
function layersOf(path: string): { readonly kind: 'lxc' | 'machine'; readonly names: readonly string[]; readonly rest: string } {
  const layers = [...path.matchAll(/\/(?:lxc(?:\.payload\.|\.payload\/|\/)([^/]+)|systemd-nspawn@([^/]+)\.service|machine-([^/]+)\.scope)(?=\/|$)/g)];
  const last = layers.at(-1);
  const names = layers.map(([, lxc, nspawn, scope]) => lxc ?? unescapeUnit(nspawn ?? scope ?? '')).reverse();
  return { kind: last?.[1] === undefined ? 'machine' : 'lxc', names, rest: last ? path.slice(last.index + last[0].length) : path };
}

/**
 * The control group by which a process is found again: of version 2, else systemd's, else the first that is not the root.
 * Undefined where all are the root.
 */
export function cgroupPath(cgroup: string): string | undefined {
  const rows = cgroup.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.+)$/s.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers, path }];
  });
  return (rows.find(({ controllers }) => controllers === '') ?? rows.find(({ controllers }) => controllers === 'name=systemd') ?? rows[0])?.path;
}

/** systemd.unit(5): "\x2d" for what a unit's name may not hold. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

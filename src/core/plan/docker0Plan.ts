import type { Topology } from '../model/topology';
import { formatPrefix, networkOf, overlaps, parsePrefix, requirePrefix } from './ipv4';
import { PlanRefused, type Plan } from './plan';
import { hash, script } from './planParts';
import { rootOf } from './planHosts';

export interface Docker0Request {
  readonly hostId: string;
  /** The bridge's own address with its prefix length, as dockerd's `bip` takes it. */
  readonly bip: string;
  /** The part of the subnet that containers get addresses of. */
  readonly fixedCidr?: string;
  /** The engine's configuration file, absolute, and what is in it; absent: there is none. */
  readonly file: { readonly path: string; readonly text?: string };
}

/**
 * `bip` and `fixed-cidr` in the engine's daemon.json (dockerd(8)). The engine is not restarted by it: that stops containers, and is the person's.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function docker0Plan(request: Docker0Request, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const bip = requirePrefix(request.bip, 'The address of docker0');
  if (networkOf(bip).address === bip.address || bip.length > 30) throw new PlanRefused(`${formatPrefix(bip)} is no address of a host with room for containers. Give one such as 172.20.0.1/16.`);
  const fixed = request.fixedCidr === undefined ? undefined : requirePrefix(request.fixedCidr, 'The fixed range');
  if (fixed !== undefined && (networkOf(fixed).address !== fixed.address || fixed.length < bip.length || !overlaps(fixed, bip))) throw new PlanRefused(`${formatPrefix(fixed)} does not lie within ${formatPrefix(networkOf(bip))}, the subnet of docker0.`);
  const clash = root.record.routes.find((route) => {
    const prefix = route.family === 'inet' && route.type === 'unicast' && route.device !== 'docker0' ? parsePrefix(route.destination) : undefined;
    return prefix !== undefined && prefix.length > 0 && overlaps(prefix, bip);
  });
  if (clash !== undefined) throw new PlanRefused(`${formatPrefix(networkOf(bip))} overlaps ${clash.destination}, which ${host.label} sends to ${clash.device ?? 'another way'}. Choose another subnet.`);
  const { path, text } = request.file;
  const after = edited(path, text, { bip: formatPrefix(bip), ...(fixed !== undefined && { 'fixed-cidr': formatPrefix(fixed) }) });
  const id = hash(JSON.stringify(['docker0', host.id, path, text ?? null, after]));
  const backup = `${path}.netns-explorer-${id}`;
  const running = host.containers.filter((container) => container.running).map(({ name }) => name);
  const same = 'printf %s "$2" | cmp -s - "$1"';
  return {
    id,
    kind: 'docker0',
    title: `Subnet ${formatPrefix(networkOf(bip))} for docker0 on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      { hostId: host.id, what: `${path} is as it was read, or as this plan makes it`, argv: text === undefined ? script(`[ ! -e "$1" ] || ${same}`, path, after) : script(`${same} || printf %s "$3" | cmp -s - "$1"`, path, text, after), mend: `${path} on ${host.label} was changed since it was read. Plan anew.` },
    ],
    steps: [
      ...(text === undefined
        ? []
        : [{ hostId: host.id, what: `keep ${path} as ${backup}`, argv: ['cp', '-p', '--', path, backup] as const, undo: ['rm', '-f', '--', backup] as const, done: script('[ -e "$1" ]', backup) }]),
      {
        hostId: host.id,
        what: `write ${path}`,
        // A file beside it that takes its place: nobody reads half of it.
        argv: script('d=$(dirname -- "$1") && mkdir -p -- "$d" && t=$(mktemp -- "$d/.daemon.XXXXXX") && { [ ! -e "$1" ] && chmod 644 "$t" || cp -p -- "$1" "$t"; } && printf %s "$2" > "$t" && mv -- "$t" "$1"', path, after),
        undo: text === undefined ? ['rm', '-f', '--', path] : script('t=$1.undo && cp -p -- "$2" "$t" && mv -- "$t" "$1"', path, backup),
        done: script(same, path, after),
      },
    ],
    checks: [],
    notes: [
      `The engine reads it when it starts anew: "systemctl restart docker", or as it is started on ${host.label}. ${running.length === 0 ? 'No container runs there now.' : `That stops ${running.length === 1 ? 'the container' : `these ${String(running.length)} containers`}, unless live-restore is on: ${running.join(', ')}.`}`,
      'Where dockerd is given --bip or --fixed-cidr on its command line too, it refuses to start: remove them there.',
    ],
    files: [{ hostId: host.id, path, ...(text !== undefined && { before: text }), after }],
  };
}

function edited(path: string, text: string | undefined, values: Readonly<Record<string, string>>): string {
  let present: unknown = {};
  if (text !== undefined && text.trim() !== '') {
    try {
      present = JSON.parse(text);
    } catch (error) {
      throw new PlanRefused(`${path} is no JSON (${error instanceof Error ? error.message : String(error)}). Mend it first.`);
    }
  }
  if (typeof present !== 'object' || present === null || Array.isArray(present)) throw new PlanRefused(`${path} holds no JSON object. Mend it first.`);
  // The plan, with the file's text, is shown, kept in the journal and passed as an argument.
  if (/"[a-z-]*proxy"\s*:\s*"[^"]*@/i.test(text ?? '')) throw new PlanRefused(`${path} holds a proxy's password, which a plan would show. Edit it by hand: ${JSON.stringify(values)}.`);
  const indent = /^\{\s*\n([ \t]+)"/.exec(text ?? '')?.[1] ?? '  ';
  return `${JSON.stringify({ ...present, ...values }, undefined, indent)}\n`;
}

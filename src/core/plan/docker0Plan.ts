import type { Topology } from '../model/topology';
import { formatPrefix, networkOf, overlaps, parsePrefix } from '../model/ipv4';
import { refuseOverlap, requireHostAddress, requirePrefix } from './planAddresses';
import { PlanRefused, type Plan } from './plan';
import { hash, script } from './planParts';
import { ownName, rootOf } from './planHosts';

export interface Docker0Request {
  readonly hostId: string;
  /** The bridge's own address with its prefix length, as dockerd's `bip` takes it. */
  readonly bip: string;
  /** The part of the subnet that containers get addresses of. */
  readonly fixedCidr?: string;
  readonly file: DaemonFile;
  /** Restart the engine too, by systemd. */
  readonly restart?: boolean;
}

/** The engine's configuration file as it is now. */
export interface DaemonFile {
  /** Absolute, no symbolic link. */
  readonly path: string;
  /** Absent: there is no such file. */
  readonly text?: string;
  /** What it was before plans changed it, as they kept it beside it: by their ids; null: there was no file. */
  readonly kept?: Readonly<Record<string, string | null>>;
}

/** A stop gives every container 10 s (docker stop), several at once. */
const restartMs = 180_000;

/**
 * `bip` and `fixed-cidr` in the engine's daemon.json (dockerd(8)). The engine is restarted only where that is asked for: it stops containers.
 * @throws PlanRefused with one sentence where it cannot be
 */
export function docker0Plan(request: Docker0Request, topology: Topology): Plan {
  const place = rootOf(topology, request.hostId);
  const { host, root } = place;
  const bip = requireHostAddress(request.bip, 'The address of docker0');
  if (networkOf(bip).address === bip.address || bip.length > 30) throw new PlanRefused(`${formatPrefix(bip)} is no address of a host with room for containers. Give one such as 172.20.0.1/16.`);
  const fixed = request.fixedCidr === undefined ? undefined : requirePrefix(request.fixedCidr, 'The fixed range');
  if (fixed !== undefined && (networkOf(fixed).address !== fixed.address || fixed.length < bip.length || !overlaps(fixed, bip))) throw new PlanRefused(`${formatPrefix(fixed)} does not lie within ${formatPrefix(networkOf(bip))}, the subnet of docker0.`);
  refuseOverlap(root, bip, host.label, 'docker0', formatPrefix(networkOf(bip)), 'subnet');
  const other = host.networks.find(({ engine }) => engine.name !== 'bridge' && engine.subnets.some(({ subnet }) => { const prefix = parsePrefix(subnet); return prefix !== undefined && overlaps(prefix, bip); }));
  if (other !== undefined) throw new PlanRefused(`${formatPrefix(networkOf(bip))} overlaps a subnet of the network ${other.engine.name} of ${host.label}. Choose another one.`);
  const { path, text } = request.file;
  // The same before and after it was applied, so that it is undone by who asks for the same.
  const id = hash(JSON.stringify(['docker0', ownName(host), path, formatPrefix(bip), fixed === undefined ? null : formatPrefix(fixed)]));
  const backup = `${path}.netns-explorer-${id}`;
  const kept = request.file.kept?.[id];
  const before = kept === undefined ? text : (kept ?? undefined);
  const after = edited(path, before, { bip: formatPrefix(bip), ...(fixed !== undefined && { 'fixed-cidr': formatPrefix(fixed) }) });
  if (kept !== undefined && text !== before && text !== after) throw new PlanRefused(`${path} on ${host.label} was changed since this plan wrote it. ${kept === null ? 'There was none before' : `What it was before is ${backup}`}: mend it by hand, and delete ${kept === null ? `${backup}.none` : 'that'}.`);
  const running = host.containers.filter((container) => container.running).map(({ name }) => name);
  const stopped = running.length === 0 ? 'no container runs there now' : `this stops ${running.length === 1 ? 'the container' : `these ${String(running.length)} containers`}, unless live-restore is on: ${running.join(', ')}`;
  const same = 'printf %s "$2" | cmp -s - "$1"';
  const hasSubnet = 'ip -o -4 addr show dev docker0 2>/dev/null | grep -qF';
  return {
    id,
    kind: 'docker0',
    title: `Subnet ${formatPrefix(networkOf(bip))} for docker0 on ${host.label}`,
    hosts: [place.planHost],
    preconditions: [
      { hostId: host.id, what: 'dockerd is there', argv: script('command -v dockerd >/dev/null || [ -e "$1" ] || { for p in /proc/[0-9]*/comm; do [ "$(cat "$p" 2>/dev/null)" != dockerd ] || exit 0; done; exit 1; }', path), mend: `${host.label} has no dockerd that would read ${path}.` },
      { hostId: host.id, what: `${path} is as it was read, or as this plan makes it`, argv: before === undefined ? script(`[ ! -e "$1" ] || ${same}`, path, after) : script(`${same} || printf %s "$3" | cmp -s - "$1"`, path, before, after), mend: `${path} on ${host.label} was changed since it was read. Plan anew.` },
      ...(request.restart === true
        ? [{ hostId: host.id, what: 'systemd runs the engine (docker.service)', argv: script('[ -d /run/systemd/system ] && systemctl is-active --quiet docker.service'), mend: `systemd does not run the engine of ${host.label}. Leave the restart out, and start dockerd anew as it was started there: "ps -o args= -C dockerd" shows how.` }]
        : []),
    ],
    steps: [
      {
        hostId: host.id,
        what: before === undefined ? `note that there is no ${path}, in ${backup}.none` : `keep ${path} as ${backup}`,
        argv: script('if [ -e "$1" ]; then cp -p -- "$1" "$2"; else d=$(dirname -- "$1"); c=; [ -d "$d" ] || { mkdir -p -- "$d" && c=folder; } && printf %s "$c" > "$2.none"; fi', path, backup),
        undo: script('c=$(cat -- "$2.none" 2>/dev/null); rm -f -- "$2" "$2.none" && { [ "$c" != folder ] || rmdir -- "$(dirname -- "$1")"; }', path, backup),
        done: script('[ -e "$2" ] || [ -e "$2.none" ]', path, backup),
      },
      {
        hostId: host.id,
        what: `write ${path}`,
        // A file beside it that takes its place: nobody reads half of it.
        argv: script('t=$(mktemp -- "$(dirname -- "$1")/.daemon.XXXXXX") && { [ ! -e "$1" ] && chmod 644 "$t" || cp -p -- "$1" "$t"; } && printf %s "$2" > "$t" && mv -- "$t" "$1"', path, after),
        undo: script(
          [
            'if [ -e "$2.none" ]; then rm -f -- "$1"; else t=$1.undo && cp -p -- "$2" "$t" && mv -- "$t" "$1"; fi || exit 1',
            // An engine that runs with what is taken back here, or not at all because of it.
            ...(request.restart === true ? [`if ${hasSubnet} " $3 " || ! systemctl is-active --quiet docker.service; then systemctl reset-failed docker.service; systemctl restart docker.service; fi`] : []),
          ].join('\n'),
          path, backup, formatPrefix(bip),
        ),
        done: script(same, path, after),
        ...(request.restart === true && { limitMs: restartMs }),
      },
      ...(request.restart === true
        ? [{ hostId: host.id, what: `restart the engine: ${stopped}`, argv: ['systemctl', 'restart', 'docker.service'] as const, undo: ['true'] as const, done: script(`systemctl is-active --quiet docker.service && ${hasSubnet} " $1 "`, formatPrefix(bip)), limitMs: restartMs }]
        : []),
    ],
    checks: [],
    notes: [
      request.restart === true
        ? `The engine of ${host.label} is restarted, and again by an undo: ${stopped}.`
        : `The engine reads it when it starts anew, by "systemctl restart docker" where systemd runs it, or as it is started on ${host.label}; ${stopped}.`,
      'Where dockerd is given --bip or --fixed-cidr on its command line too, it refuses to start: remove them there.',
    ],
    files: [{ hostId: host.id, path, ...(before !== undefined && { before }), after }],
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

import type { Container, HostNode, Topology } from '../model/topology';
import { portNotation } from '../report/portNotation';
import { counted } from './counted';
import { endsUnknown, foldedFrom, FrameBuilder } from './frameBuilder';
import { framesOf } from './frames';
import type { DiagramGraph } from './graph';
import { GraphDraft } from './graphDraft';
import { fact } from './linkFacts';
import { addNamespaceCell } from './memberBoxes';
import { withOvsDrawn } from './ovsView';
import { addRemotes } from './remotes';

const none: ReadonlySet<string> = new Set();

/**
 * The diagram of a whole host: its root namespace and every other one that something is attached to, each a frame with its bridges, ports and
 * lower devices, what is attached to them, its uplinks and tunnels, and the far ends of these as boxes outside.
 * @param open keys of the folds (`SceneBox.fold`) that are shown in full.
 * @returns undefined where no such host was read.
 */
export function hostGraph(read: Topology, hostId: string, open: ReadonlySet<string> = none): DiagramGraph | undefined {
  const topology = withOvsDrawn(read);
  const host = topology.host.get(hostId);
  if (!host) return undefined;
  const draft = new GraphDraft();
  const { frames, alone } = framesOf(topology, host);
  const rest = `${host.id}|fold|frames`;
  const shown = frames.length > foldedFrom.frames && !open.has(rest) ? frames.slice(0, foldedFrom.frames - 1) : frames;
  const builder = new FrameBuilder(draft, topology, host, open);
  for (const frame of shown) builder.add(frame);
  if (host.rootSandbox === undefined) builder.hostBox();
  const hidden = frames.slice(shown.length);
  if (hidden.length > 0) builder.note(rest, `${String(hidden.length)} more namespaces with bridges or tunnels`, hidden.map(({ sandbox }) => sandbox), true);
  else if (open.has(rest)) builder.note(rest, `all ${String(frames.length)} namespaces with bridges or tunnels`, [], true);
  builder.addSegments(shown);
  builder.addAlone(alone);
  const stopped = host.containers.filter(({ running }) => !running);
  if (stopped.length > 0) builder.noteOf(`${host.id}|stopped`, `${counted(stopped.length, 'container')} not running`, stopped.map(({ name }) => name));
  addRemotes(draft, topology, builder.tunnels, open);
  return { ...draft.finish(`${host.label}: the whole host`), wrapped: true };
}

/**
 * What is around a namespace: its interfaces, their other ends, the bridges these are on with their neighbours as one box, uplinks and tunnels, and what is published of its containers.
 * @param id of a container, or of a namespace.
 * @returns undefined where there is no such thing, or where the container has no namespace now.
 */
export function surroundingsGraph(read: Topology, id: string, open: ReadonlySet<string> = none): DiagramGraph | undefined {
  const topology = withOvsDrawn(read);
  const container = topology.container.get(id);
  const focus = topology.sandbox.get(container?.sandboxId ?? id);
  const host = focus && topology.host.get(focus.hostId);
  if (!focus || !host) return undefined;
  const title = `Around ${container?.name ?? focus.title} on ${host.label}`;
  const draft = new GraphDraft();
  const { frames } = framesOf(topology, host);
  const builder = new FrameBuilder(draft, topology, host, open, focus);
  const concerned = frames.filter(({ sandbox, attachments }) => sandbox.id === focus.id || attachments.some((each) => each.sandbox.id === focus.id));
  for (const frame of concerned) builder.add(frame);
  const containers = focus.containers.flatMap((each) => topology.container.get(each) ?? []);
  if (concerned.length === 0) {
    builder.hostBox();
    addNamespaceCell(draft, topology, { id: `${focus.id}|cell`, parent: host.id, sandbox: focus, nodes: [] });
    builder.noteOf(`${focus.id}|alone`, focus.links.every(({ link }) => link.linkType === 'loopback') ? 'loopback only, nothing is attached' : endsUnknown(focus) ? 'where it is attached could not be told' : 'attached to no other namespace', focus.links.map(({ link }) => link.name));
  } else if (focus.id === host.rootSandbox && container) {
    addNamespaceCell(draft, topology, { id: `${container.id}|cell`, parent: host.id, sandbox: focus, nodes: [], title: container.name });
    draft.connect({ kind: 'attachment', from: `${container.id}|cell`, to: focus.id, facts: fact('Attachment', `${container.name} uses the root namespace of ${host.label}`) });
  }
  builder.addSegments(concerned);
  addRemotes(draft, topology, builder.tunnels, open);
  // Last: the uplink is the leftmost of what leads out, so its way, around all others, crosses none.
  addPublished(draft, host, builder, containers);
  return { ...draft.finish(title), wrapped: true };
}

/** Published ports, as the engine tells them: an outside box that enters by the default route's device. */
function addPublished(draft: GraphDraft, host: HostNode, builder: FrameBuilder, containers: readonly Container[]): void {
  const ports = containers.flatMap(({ name, engine }) => engine.ports.filter(({ publicPort }) => publicPort !== undefined).map((each) => ({ name, text: portNotation(each) })));
  const texts = [...new Set(ports.map(({ text }) => text))];
  if (texts.length === 0) return;
  const facts = ports.flatMap(({ name, text }) => fact(name, text));
  if (builder.uplink === undefined) {
    builder.noteOf(`${host.id}|published`, 'published to the outside', texts);
    return;
  }
  const outside = draft.add({ id: `${host.id}|outside`, kind: 'underlay', word: 'published ports', lines: ['outside', ...texts.slice(0, 3), ...(texts.length > 3 ? [`and ${String(texts.length - 3)} more`] : [])], facts });
  draft.connect({ kind: 'published', from: outside, to: builder.uplink, label: 'published ports', facts });
}

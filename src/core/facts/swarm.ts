import * as v from 'valibot';
import type { PublishedPort, SwarmNode, SwarmService, SwarmTask } from '../model/swarm';

/*
 * GET /nodes, /services and /tasks (Docker Engine API 1.24 and newer). What is missing counts as empty. Only what is named here is taken: a service's
 * record holds its environment and arguments, where passwords often are.
 */

const text = v.fallback(v.string(), '');
const count = v.fallback(v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), undefined);
const port = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535)), 0);
const list = <Item extends v.GenericSchema>(item: Item) => v.fallback(v.array(item), []);
const labels = v.fallback(v.record(v.string(), text), {});

const NodeSchema = v.object({
  ID: text,
  Spec: v.fallback(v.object({ Role: text, Availability: text }), { Role: '', Availability: '' }),
  Description: v.fallback(v.object({ Hostname: text }), { Hostname: '' }),
  Status: v.fallback(v.object({ State: text, Addr: text }), { State: '', Addr: '' }),
  ManagerStatus: v.fallback(v.nullish(v.object({ Addr: text, Leader: v.fallback(v.boolean(), false), Reachability: text })), null),
});

/** @returns undefined for what is no node list. */
export function parseSwarmNodes(raw: unknown): SwarmNode[] | undefined {
  const result = v.safeParse(v.array(NodeSchema), raw);
  if (!result.success) return undefined;
  return result.output
    .filter(({ ID }) => ID !== '')
    .map(({ ID, Spec, Description, Status, ManagerStatus }) => ({
      id: ID,
      hostname: Description.Hostname,
      // The leader may know itself as 0.0.0.0 (swarmkit); its manager address is the real one then.
      address: Status.Addr === '0.0.0.0' || Status.Addr === '' ? (ManagerStatus?.Addr ?? Status.Addr).replace(/:\d+$/, '') : Status.Addr,
      state: Status.State,
      ...(Spec.Role !== '' && { role: Spec.Role }),
      ...(Spec.Availability !== '' && { availability: Spec.Availability }),
      ...(ManagerStatus?.Leader === true && { leader: true }),
      ...(ManagerStatus && ManagerStatus.Reachability !== '' && { reachability: ManagerStatus.Reachability }),
    }));
}

const PortSchema = v.object({ Protocol: text, TargetPort: port, PublishedPort: port, PublishMode: text });

const ServiceSchema = v.object({
  ID: v.pipe(v.string(), v.nonEmpty()),
  Spec: v.object({
    Name: text,
    Labels: labels,
    TaskTemplate: v.fallback(v.object({ ContainerSpec: v.fallback(v.object({ Image: text }), { Image: '' }) }), { ContainerSpec: { Image: '' } }),
    Mode: v.fallback(v.record(v.string(), v.fallback(v.object({ Replicas: count }), { Replicas: undefined })), {}),
    EndpointSpec: v.fallback(v.object({ Mode: text }), { Mode: '' }),
  }),
  Endpoint: v.fallback(
    v.object({
      Spec: v.fallback(v.object({ Mode: text }), { Mode: '' }),
      Ports: list(PortSchema),
      VirtualIPs: list(v.object({ NetworkID: text, Addr: text })),
    }),
    { Spec: { Mode: '' }, Ports: [], VirtualIPs: [] },
  ),
});

/** The mode's key in Spec.Mode, and what the command line calls it. */
const modes: readonly (readonly [string, string])[] = [['Replicated', 'replicated'], ['Global', 'global'], ['ReplicatedJob', 'replicated-job'], ['GlobalJob', 'global-job']];

/** One entry of GET /services. @returns undefined for what is none. */
export function parseSwarmService(raw: unknown): SwarmService | undefined {
  const result = v.safeParse(ServiceSchema, raw);
  if (!result.success) return undefined;
  const { ID, Spec, Endpoint } = result.output;
  const [key, mode] = modes.find(([each]) => Object.hasOwn(Spec.Mode, each)) ?? ['', ''];
  const replicas = Spec.Mode[key]?.Replicas;
  return {
    id: ID,
    name: Spec.Name,
    mode,
    ...(replicas !== undefined && { replicas }),
    // An engine that says neither balances by a virtual address (swarm's default).
    endpointMode: Endpoint.Spec.Mode || Spec.EndpointSpec.Mode || 'vip',
    image: Spec.TaskTemplate.ContainerSpec.Image,
    ports: portsOf(Endpoint.Ports),
    virtualAddresses: Endpoint.VirtualIPs.filter(({ Addr }) => Addr !== '').map(({ NetworkID, Addr }) => ({ networkId: NetworkID, address: Addr })),
    labels: Spec.Labels,
  };
}

const TaskSchema = v.object({
  ID: v.pipe(v.string(), v.nonEmpty()),
  ServiceID: text,
  Slot: count,
  NodeID: text,
  DesiredState: text,
  Status: v.fallback(
    v.object({
      State: text,
      Message: text,
      Err: text,
      ContainerStatus: v.fallback(v.nullish(v.object({ ContainerID: text })), null),
      PortStatus: v.fallback(v.nullish(v.object({ Ports: list(PortSchema) })), null),
    }),
    { State: '', Message: '', Err: '', ContainerStatus: null, PortStatus: null },
  ),
  NetworksAttachments: list(v.object({ Network: v.fallback(v.object({ ID: text }), { ID: '' }), Addresses: list(v.string()) })),
});

/** One entry of GET /tasks. @returns undefined for what is none. */
export function parseSwarmTask(raw: unknown): SwarmTask | undefined {
  const result = v.safeParse(TaskSchema, raw);
  if (!result.success) return undefined;
  const { ID, ServiceID, Slot, NodeID, DesiredState, Status, NetworksAttachments } = result.output;
  const message = Status.Err || (Status.State === 'running' ? '' : Status.Message);
  const container = Status.ContainerStatus?.ContainerID ?? '';
  return {
    id: ID,
    serviceId: ServiceID,
    ...(Slot !== undefined && Slot !== 0 && { slot: Slot }),
    nodeId: NodeID,
    state: Status.State,
    desired: DesiredState,
    ...(message !== '' && { message }),
    ...(container !== '' && { containerId: container }),
    addresses: NetworksAttachments.flatMap(({ Network, Addresses }) => Addresses.map((address) => ({ networkId: Network.ID, address }))),
    ports: portsOf(Status.PortStatus?.Ports ?? []),
  };
}

/** An engine may list one publication twice: of IPv4 and of IPv6. */
function portsOf(ports: readonly v.InferOutput<typeof PortSchema>[]): PublishedPort[] {
  const all = ports.map(({ Protocol, TargetPort, PublishedPort, PublishMode }): PublishedPort => ({ protocol: Protocol, targetPort: TargetPort, ...(PublishedPort !== 0 && { publishedPort: PublishedPort }), publishMode: PublishMode || 'ingress' }));
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** Where a task belongs: a replicated service's slot, a global one's node. */
const placeOf = ({ serviceId, slot, nodeId }: SwarmTask): string => `${serviceId}\n${slot === undefined ? nodeId : String(slot)}`;

/** Services of which fewer tasks run than should. */
export function shortServices(services: readonly SwarmService[], tasks: readonly SwarmTask[]): readonly SwarmService[] {
  return services.filter(({ id, mode, replicas }) => {
    const own = tasks.filter(({ serviceId }) => serviceId === id);
    const running = own.filter(({ state }) => state === 'running').length;
    return mode === 'replicated' ? running < (replicas ?? 1) : mode === 'global' && running < own.length;
  });
}

/** The last failed task of each place where none runs, out of what the engine lists newest last or first: by its own order of ids none can be told, so by `at`. */
export function lastFailures(current: readonly SwarmTask[], former: readonly { readonly task: SwarmTask; readonly at: string }[]): readonly SwarmTask[] {
  const running = new Set(current.filter(({ state }) => state === 'running').map(placeOf));
  const last = new Map<string, { readonly task: SwarmTask; readonly at: string }>();
  for (const each of former) {
    if (each.task.state !== 'failed' && each.task.state !== 'rejected') continue;
    const place = placeOf(each.task);
    const known = last.get(place);
    if (!running.has(place) && (known === undefined || known.at < each.at)) last.set(place, each);
  }
  return [...last.values()].map(({ task }) => task);
}

const WhenSchema = v.object({ Status: v.object({ Timestamp: v.string() }) });

/** When a task came into its state: RFC 3339, which sorts as text within one engine. */
export function taskTime(raw: unknown): string {
  const result = v.safeParse(WhenSchema, raw);
  return result.success ? result.output.Status.Timestamp : '';
}

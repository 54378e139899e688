// What runs on the two engines: swarm, networks and containers.
import { createReadStream, existsSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { engineApi } from './engineApi.mjs';
import { execIn } from './hosts.mjs';
import { FatalError, inParallel, waitFor } from './wait.mjs';

export const image = 'net-tools';

/** Waits until the engine answers and gives the function that calls it. */
export async function engineOf(name, pid, limitMs = 30_000) {
  const call = engineApi(pid);
  await waitFor(`the engine of ${name} to answer`, async () => (await call('GET', '/_ping')) === 'OK', limitMs);
  return call;
}

export async function importImage(call, archive) {
  const answer = await call('POST', `/images/create?fromSrc=-&repo=${image}&tag=latest`, await buffer(createReadStream(archive)), { raw: true });
  if (!answer.includes?.('sha256:') && !JSON.stringify(answer).includes('sha256:')) throw new Error(`the image was not imported: ${JSON.stringify(answer)}`);
}

/** Makes the first host a swarm's manager and the second its worker. @returns the manager's node id. */
export async function makeSwarm(manager, managerAddress, worker, workerAddress) {
  await manager('POST', '/swarm/init', {
    ListenAddr: `${managerAddress}:2377`,
    AdvertiseAddr: managerAddress,
    DataPathAddr: managerAddress,
  });
  const { JoinTokens } = await manager('GET', '/swarm');
  await worker('POST', '/swarm/join', {
    ListenAddr: `${workerAddress}:2377`,
    AdvertiseAddr: workerAddress,
    DataPathAddr: workerAddress,
    RemoteAddrs: [`${managerAddress}:2377`],
    JoinToken: JoinTokens.Worker,
  });
}

/**
 * Waits until an engine has the sandbox of the swarm's ingress network. A container that is attached to another overlay while
 * the engine still makes that one may wait for ever.
 */
export async function swarmReady(name, pid, limitMs = 30_000) {
  await waitFor(`${name} to be ready for overlays`, () => existsSync(`/proc/${pid}/root/run/docker/netns/ingress_sbox`), limitMs);
}

export async function createNetwork(call, name, driver, subnet, more = {}) {
  const { Id } = await call('POST', '/networks/create', {
    Name: name,
    CheckDuplicate: true,
    Driver: driver,
    IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
    ...more,
  });
  return Id;
}

/**
 * Creates and starts a container. `spec`: name, network (or `host`, `none`, `container:NAME`), and at will hostname, ip,
 * cmd, labels, ports ({'80/tcp': 8080}), alsoOn (further networks), stopped.
 * @returns its id.
 */
export async function startContainer(call, spec) {
  const own = !/^(host|none|container:)/.test(spec.network);
  const { Id } = await call('POST', `/containers/create?name=${encodeURIComponent(spec.name)}`, {
    Image: image,
    Cmd: spec.cmd ?? ['sleep', '2147483647'],
    ...(spec.hostname && { Hostname: spec.hostname }),
    Labels: spec.labels ?? {},
    // Neither sleep nor httpd ends on a SIGTERM as process 1.
    StopSignal: 'SIGKILL',
    ExposedPorts: Object.fromEntries(Object.keys(spec.ports ?? {}).map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: spec.network,
      PortBindings: Object.fromEntries(Object.entries(spec.ports ?? {}).map(([inner, outer]) => [inner, [{ HostPort: String(outer) }]])),
    },
    ...(own && { NetworkingConfig: { EndpointsConfig: { [spec.network]: spec.ip ? { IPAMConfig: { IPv4Address: spec.ip } } : {} } } }),
  });
  if (spec.stopped) return Id;
  await start(call, spec.name, Id, 60_000);
  for (const other of spec.alsoOn ?? []) await call('POST', `/networks/${other}/connect`, { Container: Id });
  return Id;
}

/**
 * A swarm service on a network, without a virtual address: that would need IPVS, which not every kernel has. Resolves when
 * all of its tasks run. @returns its id.
 */
export async function startService(manager, name, networkId, replicas) {
  const { ID } = await manager('POST', '/services/create', {
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: image, Command: ['sleep', '2147483647'], StopSignal: 'SIGKILL' },
      Networks: [{ Target: networkId }],
    },
    Mode: { Replicated: { Replicas: replicas } },
    EndpointSpec: { Mode: 'dnsrr' },
  });
  const filters = encodeURIComponent(JSON.stringify({ service: [name] }));
  await waitFor(`the tasks of service ${name} to run`, async () => {
    const tasks = await manager('GET', `/tasks?filters=${filters}`);
    if (tasks.filter((task) => task.Status.State === 'running').length === replicas) return true;
    throw new Error(tasks.map((task) => `${task.NodeID} ${task.Status.State} ${task.Status.Err ?? ''}`).join('; '));
  }, 30_000, 50);
  return ID;
}

/**
 * Starts containers that an engine's end has stopped. A swarm refuses an attachment until it has noticed that the former
 * one is gone. (Restart policies try once, and give up.)
 */
export async function reviveContainers(call, containers, limitMs = 120_000) {
  // One that lives in another's namespace needs that one first.
  const guests = containers.filter((container) => container.network.startsWith('container:'));
  for (const group of [containers.filter((container) => !guests.includes(container)), guests]) {
    await Promise.all(group.map((container) => start(call, container.name, container.id, limitMs)));
  }
}

/** Starts a container, again where the swarm did not attach it within its own 20 s, or has dropped the network meanwhile. */
async function start(call, name, id, limitMs) {
  await waitFor(`${name} to start`, async () => {
    try {
      await call('POST', `/containers/${id}/start`);
      return true;
    } catch (error) {
      if (/attaching to network failed|network \S+ not found/.test(error.message)) return false;
      throw new FatalError(`${name} did not start: ${error.message}`, { cause: error });
    }
  }, limitMs, 500);
}

/** Waits until the overlay's two containers reach each other, by address and by name. Process ids of the two hosts. */
export async function overlayWorks(node1, node2, limitMs = 30_000) {
  const pings = (pid, container, target) =>
    waitFor(`${container} to reach ${target}`, async () => {
      const { code } = await execIn(pid, ['docker', 'exec', container, 'ping', '-c', '1', '-W', '1', target], { check: false });
      return code === 0;
    }, limitMs, 100);
  await Promise.all([
    pings(node1, 'docker1n', '10.13.17.8'),
    pings(node2, 'docker2n', '10.13.17.7'),
    pings(node1, 'docker1n', 'docker2n'),
    pings(node2, 'docker2n', 'docker1n'),
  ]);
}

/** `count` containers that do nothing, on ten bridge networks, a few at a time. */
export async function startCrowd(call, count, signal) {
  const networks = [...Array(Math.min(10, count)).keys()].map((n) => ({ name: `crowd${n}`, subnet: `10.40.${n}.0/24` }));
  for (const { name, subnet } of networks) await createNetwork(call, name, 'bridge', subnet);
  await inParallel([...Array(count).keys()], 6, (n) => {
    signal?.throwIfAborted();
    return startContainer(call, { name: `crowd-${n}`, network: networks[n % networks.length].name });
  });
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHostAddress } from '../../src/core/model/address';
import type { NestedNode } from '../../src/core/model/topology';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { Transport } from '../../src/host/transport';
import { currentLab, execOn } from '../lab/client.mjs';
import { dindAnswers, removeDind, startDind } from '../lab/dind.mjs';
import { noQuestions } from './hostQuestions';
import { failure, transportContract } from './transportContract';

const lab = await currentLab();
const name = 'nested-dind';
const opened: { dispose(): void }[] = [];
let id: string;

beforeAll(async () => {
  id = await startDind(lab, 'node1', name);
}, 60_000);
afterAll(async () => {
  for (const thing of opened) thing.dispose();
  await removeDind(lab, 'node1', name);
});

function open(address: string): Transport {
  const transport = openTransport(parseHostAddress(address), { questions: noQuestions, sshConfigFile: lab.sshConfig });
  opened.push(transport);
  return transport;
}

async function nestedOf(address: string): Promise<readonly NestedNode[]> {
  const transport = open(address);
  const engine = openEngine(transport);
  opened.push(engine);
  const snapshot = await scanHost(transport, engine, { limitMs: 20_000 });
  return buildTopology([{ id: transport.id, label: address, snapshot }]).hosts[0]?.nested ?? [];
}

transportContract({ name: 'nested, by a control group of this machine', open: () => openTransport(parseHostAddress(`nested:cgroup=/netns-explorer-lab/${lab.name}/node1@local`), { questions: noQuestions }), privilege: 'root' });

const hostnameOf = async (transport: Transport): Promise<string> => (await transport.run({ argv: ['uname', '-n'], privilege: 'user' }, { limitMs: 10_000 })).stdout;

describe('engines inside a host', () => {
  it('Docker in Docker is found with its container, its socket and an address that names the container', async () => {
    const nested = await nestedOf('ssh://node1');
    expect(nested).toHaveLength(1);
    expect(nested[0]).toMatchObject({ title: name, containerId: `ssh://node1|ctr|${id}`, owner: { kind: 'container', id }, address: `nested:container=${name}@ssh://node1`, engine: { engine: 'docker', hostname: `${name}-host`, sockets: ['/var/run/docker.sock'] } });
    expect(nested[0]?.engine.namespace).toMatch(/^\d+:\d+$/);
    expect(await nestedOf('ssh://bare')).toEqual([]);
  });

  it("the lab's own hosts are found from the machine that they run on, by their control groups, and Docker in Docker in one by its full id", async () => {
    const nested = await nestedOf('local');
    // The machine may carry other labs, too.
    for (const host of ['node1', 'node2']) {
      const found = nested.find(({ address }) => address === `nested:cgroup=/netns-explorer-lab/${lab.name}/${host}@local`);
      expect(found).toMatchObject({ title: host, engine: { engine: 'docker', hostname: host, sockets: ['/run/docker.sock'] } });
    }
    const inner = nested.find(({ owner }) => owner?.kind === 'container' && owner.id === id);
    expect(inner).toMatchObject({ title: `${name}-host`, address: `nested:container=${id}@local` });
    expect(await hostnameOf(open(inner?.address ?? ''))).toBe(`${name}-host\n`);
  });

  it('is a host of its own under that address, with its own engine', async () => {
    const transport = open(`nested:container=${name}@ssh://node1`);
    const engine = openEngine(transport);
    opened.push(engine);
    const snapshot = await scanHost(transport, engine, { limitMs: 20_000 });
    expect(snapshot.errors).toEqual([]);
    expect(snapshot.host.hostname).toBe(`${name}-host`);
    expect(snapshot.engine?.networks.map((network) => network.name).sort()).toEqual(['host', 'none']);
    expect(transport.way).toBe(`The namespaces of the container ${name} on ssh://node1 are entered.`);
    const outer = open(`nested:cgroup=/netns-explorer-lab/${lab.name}/node2@local`);
    const records = openEngine(outer);
    opened.push(records);
    expect((await records.read()).snapshot?.containers.map((container) => container.name)).toContain('docker2n');
  });

  it('is found again after the container was started anew, on the same connection', async () => {
    const transport = open(`nested:container=${name}@ssh://node1`);
    expect(await hostnameOf(transport)).toBe(`${name}-host\n`);
    await execOn(lab, 'node1', ['docker', 'restart', '--time', '0', name]);
    await dindAnswers(lab, 'node1', name);
    expect(await hostnameOf(transport)).toBe(`${name}-host\n`);
  });

  it.each([
    ['nested:container=no-such-one@ssh://node1', 'There is no container no-such-one on ssh://node1. Start it there, or remove the nested host.'],
    ['nested:container=stopped@ssh://node1', 'The container stopped does not run on ssh://node1, so the nested host is not there. Start it, and read the host again.'],
    [`nested:container=${'0'.repeat(64)}@ssh://node1`, 'The container 000000000000 does not run on ssh://node1, so the nested host is not there. Start it, and read the host again.'],
    ['nested:cgroup=/no/such%20one@local', 'Nothing runs in the control group /no/such one on local in namespaces of its own, so the nested host is not there. Start it, and read the host again.'],
  ])('%s is refused with a sentence', async (address, message) => {
    const error = await failure(open(address).connect());
    expect(error).toMatchObject({ name: 'TransportError', code: 'vanished', message });
  });
});

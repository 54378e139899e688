import { expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { createExplorer } from '../../src/discovery/createExplorer';
import type { Explorer } from '../../src/discovery/explorer';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

const node = 'node2';
const id = `ssh://${node}`;

/** Resolves as soon as the model is as described. */
function when(explorer: Explorer, what: string, holds: (topology: Topology) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = explorer.onDidChange(({ kind }) => {
      if (kind === 'topology') look();
    });
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`Not seen within 15 s: ${what}.`));
    }, 15_000);
    const look = (): void => {
      if (!holds(explorer.topology)) return;
      clearTimeout(timer);
      stop();
      resolve();
    };
    look();
  });
}

describeInLab('the explorer on a real engine', () => {
  it('follows a container from its start through its networks to its end', async () => {
    const explorer = createExplorer({
      openTransport: (address) => openTransport(address, { questions: noQuestions, sshConfigFile: theLab().sshConfig }),
      openEngine: (transport) => Promise.resolve(openEngine(transport)),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const name = `netns-explorer-test-${String(process.pid)}`;
    atEnd(() => {
      explorer.dispose();
      runOn(node, ['docker', 'rm', '-f', name]);
    });
    explorer.add({ kind: 'ssh', host: node });
    explorer.watch();
    await explorer.refresh();
    const found = (topology: Topology) => topology.host.get(id)?.containers.find((container) => container.name === name);
    const devices = (topology: Topology) => topology.sandbox.get(found(topology)?.sandboxId ?? '')?.links.filter(({ link }) => link.kind === 'veth') ?? [];
    const bridge = explorer.topology.host.get(id)!.networks.find((network) => network.name === 'bridge')!;
    const others = explorer.snapshot(id)!.namespaces.filter(({ read }) => read === 'full').length;
    const image = askOn(node, 'docker', 'ps', '--format', '{{.Image}}').split('\n')[0]!;

    const started = when(explorer, 'the container in its sandbox', (topology) => {
      const container = found(topology);
      return container?.running === true && devices(topology).length > 0 && devices(topology).every(({ peer }) => peer?.state === 'resolved');
    });
    askOn(node, 'docker', 'run', '-d', '--name', name, '--network', 'bridge', image, 'sleep', '600');
    await started;
    const endpoint = explorer.topology.network.get(bridge.id)!.endpoints.find((one) => one.name === name);
    expect(endpoint).toMatchObject({ ipv4: askOn(node, 'docker', 'inspect', '--format', '{{.NetworkSettings.IPAddress}}', name), linkId: devices(explorer.topology)[0]!.id });
    // What was not read again is still there.
    expect(explorer.snapshot(id)!.namespaces.filter(({ read }) => read === 'full').length).toBeGreaterThan(others);
    expect(explorer.snapshot(id)!.errors).toEqual([]);

    const connected = when(explorer, 'its second device', (topology) => devices(topology).length > 1);
    askOn(node, 'docker', 'network', 'connect', 'mynet01', name);
    await connected;

    const disconnected = when(explorer, 'its second device gone', (topology) => found(topology)?.endpoints.length === 1 && devices(topology).length === 1);
    askOn(node, 'docker', 'network', 'disconnect', 'mynet01', name);
    await disconnected;

    const gone = when(explorer, 'the container gone', (topology) => found(topology) === undefined);
    askOn(node, 'docker', 'rm', '-f', name);
    await gone;
    expect(explorer.snapshot(id)!.errors).toEqual([]);
  });
});

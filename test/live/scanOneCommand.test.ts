import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { flannelOf } from '../../src/core/topology/flannel';
import { madeDevices } from '../../src/core/topology/makers';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { currentLab } from '../lab/client.mjs';
import { buildFlannel, buildPipework, buildWeave, removeFlannel, removePipework, removeWeave } from '../lab/dataPlanes.mjs';
import { startOvs, stopOvs } from '../lab/ovs.mjs';
import { removePodman, removeRootlessPodman, startPodman, startRootlessPodman } from '../lab/podman.mjs';
import { askOn, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { through } from './scanSupport';

const folder = '/root/live-one-command';
const compose = 'version: "2.4"\nservices:\n  web:\n    image: net-tools\n    command: sleep 2147483647\n    stop_signal: SIGKILL\n    networks: [only]\nnetworks:\n  only: {}\n';
const inProject = (...argv: string[]) => ['sh', '-c', 'cd "$1" && shift && docker-compose --no-ansi "$@"', 'sh', folder, ...argv];

describeInLab('a host with every technology at once (data planes of Weave, flannel and pipework by ip, without their daemons)', () => {
  beforeAll(async () => {
    const lab = await currentLab();
    await buildWeave(lab);
    await buildFlannel(lab);
    await buildPipework(lab, 'node1');
    await startOvs(lab, 'node1');
    askOn('node1', 'ovs-vsctl', 'add-br', 'one0', '--', 'set', 'bridge', 'one0', 'datapath_type=netdev');
    await startPodman(lab, 'node1');
    await startRootlessPodman(lab, 'node1');
    askOn('node1', 'sh', '-c', 'mkdir -p "$1" && printf %s "$2" >"$1/docker-compose.yml"', 'sh', folder, compose);
    askOn('node1', ...inProject('up', '-d'));
  }, 180_000);

  afterAll(async () => {
    const lab = await currentLab();
    runOn('node1', inProject('down', '-t', '0'));
    runOn('node1', ['rm', '-rf', folder]);
    await removeRootlessPodman(lab, 'node1');
    await removePodman(lab, 'node1');
    await stopOvs(lab, 'node1');
    await removePipework(lab, 'node1');
    await removeFlannel(lab);
    await removeWeave(lab);
  }, 120_000);

  it('is read whole by one command; only a connection that is new to its engines takes another one, to find their sockets', async () => {
    const commands: string[] = [];
    const transport = through(openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig }), (command) => {
      commands.push(command.argv.join(' ').slice(0, 40));
      return command;
    });
    const engine = openEngine(transport);
    try {
      await scanHost(transport, engine, { limitMs: 30_000 });
      expect(commands.filter((command) => command === 'sh -s')).toHaveLength(1);
      expect(commands).toHaveLength(2);
      commands.length = 0;
      const snapshot = await scanHost(transport, engine, { limitMs: 30_000, sources: ['fds', 'threads'] });
      expect(commands).toEqual(['sh -s']);
      const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot }]);
      const [host] = topology.hosts;
      expect(host?.errors).toEqual([]);
      const makers = madeDevices(topology, 'ssh://node1').map(({ name }) => name);
      expect({
        engines: [snapshot.engine?.kind, ...(snapshot.engine?.further ?? []).map(({ kind, engineUid }) => `${kind} ${String(engineUid ?? 'system')}`)],
        swarm: host?.swarm?.nodes.length,
        compose: snapshot.compose?.flatMap(({ project, networks }) => (networks ?? []).map(({ key }) => `${project} ${key}`)),
        ovs: host?.ovs?.map(({ bridge }) => bridge.name),
        flannel: host && flannelOf(topology, host)?.backend,
        made: ['Weave', 'flannel (vxlan)', 'pipework'].filter((name) => makers.includes(name)),
      }).toEqual({
        engines: ['docker', 'podman system', 'podman 1000'],
        swarm: 2,
        compose: ['live-one-command only'],
        ovs: ['one0'],
        flannel: 'vxlan',
        made: ['Weave', 'flannel (vxlan)', 'pipework'],
      });
    } finally {
      engine.dispose();
      transport.dispose();
    }
  }, 60_000);
});

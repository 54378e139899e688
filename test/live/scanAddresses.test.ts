import { expect, it } from 'vitest';
import { addressUse } from '../../src/core/topology/addressUse';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

describeInLab('addresses of an engine\'s network', () => {
  it('are counted as the engine gives them: in its range, beside gateway and auxiliary ones', async () => {
    atEnd(() => runOn('node1', ['sh', '-c', 'docker network disconnect -f addresses web1; docker network rm addresses']));
    askOn('node1', 'docker', 'network', 'create', '--subnet', '10.78.0.0/24', '--gateway', '10.78.0.130', '--ip-range', '10.78.0.128/28', '--aux-address', 'router=10.78.0.131', '--aux-address', 'far=10.78.0.9', '--attachable', 'addresses');
    askOn('node1', 'docker', 'network', 'connect', 'addresses', 'web1');
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    const engine = openEngine(transport);
    try {
      const topology = buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
      const network = [...topology.network.values()].find(({ name }) => name === 'addresses');
      expect(network?.engine).toMatchObject({ attachable: true, subnets: [{ subnet: '10.78.0.0/24', gateway: '10.78.0.130', range: '10.78.0.128/28', auxiliary: { router: '10.78.0.131', far: '10.78.0.9' } }] });
      // Of 128 to 143: the gateway, one auxiliary address, and web1.
      expect(network && addressUse(topology, network)).toEqual([{ subnet: '10.78.0.0/24', range: '10.78.0.128/28', usable: 16, used: 3 }]);
    } finally {
      engine.dispose();
      transport.dispose();
    }
  });
});

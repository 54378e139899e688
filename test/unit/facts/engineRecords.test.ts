import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseEngineContainer } from '../../../src/core/facts/engineContainer';
import { parseEngineNetwork } from '../../../src/core/facts/engineNetwork';
import { parseEngineEvent, parseEngineInfo, parseEngineVersion } from '../../../src/core/facts/engineState';
import { parseSwarmNodes } from '../../../src/core/facts/swarm';

const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/debian-12-docker-20.10/${name}.json`, import.meta.url), 'utf8'));

describe('networks of engine 20.10', () => {
  it('an overlay with its load balancer, peers and tasks', () => {
    const network = parseEngineNetwork(fixture('network-mynet01'));
    expect(network).toMatchObject({
      id: 'fm11brvdbdblqo4723ep2norp',
      name: 'mynet01',
      driver: 'overlay',
      scope: 'swarm',
      internal: true,
      attachable: true,
      ingress: false,
      subnets: [{ subnet: '10.13.17.0/24', gateway: '10.13.17.1' }],
      vnis: [4097],
      peers: [
        { name: '98c1f5d99170', address: '192.168.56.12' },
        { name: '363e7cb4dfd6', address: '192.168.56.11' },
      ],
    });
    expect(network?.endpoints.map(({ name, mac, ipv4 }) => [name, mac, ipv4])).toEqual([
      ['twonets', '02:42:0a:0d:11:09', '10.13.17.9/24'],
      ['docker1n', '02:42:0a:0d:11:07', '10.13.17.7/24'],
      ['mynet01-endpoint', '02:42:0a:0d:11:03', '10.13.17.3/24'],
    ]);
    expect(network?.endpoints[2]?.containerId).toBe('lb-mynet01');
    expect(network?.endpoints[0]).not.toHaveProperty('ipv6');
    expect(network?.tasks.map(({ service, name, ip, hostAddress }) => [service, name, ip, hostAddress])).toEqual([
      ['', 'docker1n', '10.13.17.7', '192.168.56.11'],
      ['', 'twonets', '10.13.17.9', '192.168.56.11'],
      ['', 'docker2n', '10.13.17.8', '192.168.56.12'],
    ]);
    expect(network?.raw).toEqual(fixture('network-mynet01'));
  });

  it('an overlay with a service, whose tasks go by its name', () => {
    const network = parseEngineNetwork(fixture('network-mynet02'));
    expect(new Set(network?.tasks.map(({ service }) => service))).toContain('svc');
  });

  it('ingress, with the box that belongs to no container', () => {
    expect(parseEngineNetwork(fixture('network-ingress'))).toMatchObject({ ingress: true, vnis: [4096], endpoints: [{ containerId: 'ingress-sbox', name: 'ingress-endpoint' }] });
  });

  it('bridge, macvlan, host and none have neither VNI nor peers nor tasks', () => {
    for (const [name, driver] of [['appnet', 'bridge'], ['bridge', 'bridge'], ['macnet', 'macvlan'], ['host', 'host'], ['none', 'null']] as const) {
      expect(parseEngineNetwork(fixture(`network-${name}`))).toMatchObject({ name, driver, vnis: [], peers: [], tasks: [] });
    }
    expect(parseEngineNetwork(fixture('network-host'))?.subnets).toEqual([]);
    expect(parseEngineNetwork(fixture('network-macnet'))?.options).toHaveProperty('parent');
  });

  it('an entry of the list, which tells less', () => {
    const list = fixture('networks') as unknown[];
    expect(list.map(parseEngineNetwork).map((network) => network?.name).sort()).toEqual(['appnet', 'bridge', 'docker_gwbridge', 'host', 'ingress', 'macnet', 'mynet01', 'mynet02', 'none']);
  });

  it('several VNIs, one for each subnet', () => {
    expect(parseEngineNetwork({ Id: 'x', Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097,4098,nonsense,' } })?.vnis).toEqual([4097, 4098]);
  });
});

describe('containers of engine 20.10', () => {
  const all = (fixture('containers') as unknown[]).map(parseEngineContainer);
  const named = (name: string) => all.find((container) => container?.name === name);

  it('one on two overlays', () => {
    expect(named('twonets')?.networks.map(({ networkName, ipv4, mac }) => [networkName, ipv4, mac])).toEqual([
      ['mynet01', '10.13.17.9', '02:42:0a:0d:11:09'],
      ['mynet02', expect.stringMatching(/^10\.13\.18\./), expect.stringMatching(/^02:42:0a:0d:12:/)],
    ]);
  });

  it('one with a published port', () => {
    expect(named('web1')).toMatchObject({ state: 'running', image: 'net-tools', ports: expect.arrayContaining([{ privatePort: 80, publicPort: 8080, ip: '0.0.0.0', type: 'tcp' }]) as unknown });
  });

  it('those that share a namespace, use the host\'s, have none, or do not run', () => {
    expect(named('sidecar')).toMatchObject({ networkMode: 'container:f44e09e2c29c32001bdb2b9199f3a535e71ed4531a624f8d2d38fce25b19b910', networks: [] });
    expect(named('hosted')?.networkMode).toBe('host');
    expect(named('lonely')?.networkMode).toBe('none');
    expect(named('stopped')?.state).toBe('created');
  });

  it('labels are kept as they are, HTML and escapes included', () => {
    expect(named('web2')?.labels).toEqual({ 'note<b>': '<img src=x onerror="alert(1)">', quotes: 'it\'s "$(id)"; \u001b[31mred' });
  });

  it('the command line is left out of the raw record, everything else is in it', () => {
    for (const [index, container] of all.entries()) {
      const original = (fixture('containers') as Record<string, unknown>[])[index];
      expect(original).toHaveProperty('Command');
      expect(container?.raw).not.toHaveProperty('Command');
      expect({ ...(container?.raw as object), Command: original?.['Command'] }).toEqual(original);
    }
  });

  it('a name given by a link is not its own', () => {
    expect(parseEngineContainer({ Id: 'x', Names: ['/other/alias', '/own'] })?.name).toBe('own');
  });
});

describe('what the engine says of itself', () => {
  it('version, name and swarm', () => {
    expect(parseEngineVersion(fixture('version'))).toEqual({ kind: 'docker', version: '20.10.24+dfsg1', apiVersion: '1.41' });
    expect(parseEngineInfo(fixture('info'))).toEqual({
      name: 'node1',
      swarm: {
        nodeId: 'zioy1nd23505hayox322ppg54',
        nodeAddress: '192.168.56.11',
        manager: true,
        nodes: [{ id: 'zioy1nd23505hayox322ppg54', hostname: 'node1', address: '192.168.56.11', state: 'ready' }],
      },
    });
    expect(parseSwarmNodes(fixture('nodes'))?.map(({ hostname, address, state }) => [hostname, address, state])).toEqual([
      ['node2', '192.168.56.12', 'ready'],
      ['node1', '192.168.56.11', 'ready'],
    ]);
  });

  it('Podman goes by its component\'s name', () => {
    expect(parseEngineVersion({ Version: '4.3.1', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }] })?.kind).toBe('podman');
  });

  it('an engine outside a swarm', () => {
    expect(parseEngineInfo({ Name: 'alone', Swarm: { NodeID: '', LocalNodeState: 'inactive' } })).toEqual({ name: 'alone' });
  });

  it('a leader that knows itself as 0.0.0.0 is known by its manager address', () => {
    expect(parseSwarmNodes([{ ID: 'a', Status: { Addr: '0.0.0.0', State: 'ready' }, ManagerStatus: { Addr: '10.0.0.1:2377' } }])?.[0]?.address).toBe('10.0.0.1');
  });

  it('an event', () => {
    const raw = { Type: 'network', Action: 'connect', Actor: { ID: 'n1', Attributes: { container: 'c1', name: 'mynet01' } }, time: 1 };
    expect(parseEngineEvent(raw)).toEqual({ type: 'network', action: 'connect', id: 'n1', attributes: { container: 'c1', name: 'mynet01' } });
  });
});

describe('records that are odd', () => {
  const odd = [undefined, null, 7, 'text', [], {}, { Id: 7 }, { Id: '' }];

  it('without an id are none', () => {
    for (const raw of odd) {
      expect(parseEngineNetwork(raw)).toBeUndefined();
      expect(parseEngineContainer(raw)).toBeUndefined();
      expect(parseEngineVersion(raw)).toBeUndefined();
      expect(parseEngineEvent(raw)).toBeUndefined();
    }
    expect(parseEngineInfo('nonsense')).toEqual({ name: '' });
    expect(parseSwarmNodes({ message: 'This node is not a swarm manager.' })).toBeUndefined();
  });

  it('with fields of another type count as empty there, and keep the rest', () => {
    const network = parseEngineNetwork({ Id: 'n', Name: 7, Driver: 'bridge', IPAM: { Config: null }, Containers: null, Options: null, Labels: 'x', Peers: {}, Services: [] });
    expect(network).toMatchObject({ id: 'n', name: '', driver: 'bridge', subnets: [], endpoints: [], options: {}, labels: {}, peers: [], tasks: [] });
    const container = parseEngineContainer({ Id: 'c', Names: null, Labels: null, Ports: [{ PrivatePort: 'x' }], NetworkSettings: { Networks: { a: { IPAddress: '1.2.3.4', Aliases: null } } } });
    expect(container).toMatchObject({ id: 'c', name: 'c', labels: {}, ports: [{ privatePort: 0, type: '' }], networks: [{ networkName: 'a', ipv4: '1.2.3.4' }] });
  });
});

describe('records with a label __proto__, which an engine takes', () => {
  const labels = JSON.parse('{"__proto__":"x","kept":"y"}') as unknown;

  it.each([
    ['network', () => parseEngineNetwork({ Id: 'n', Name: 'n', Labels: labels })],
    ['container', () => parseEngineContainer({ Id: 'c', Names: ['/c'], Labels: labels })],
  ])('of a %s are kept without it, so that the snapshot can be opened', (_, parse) => {
    expect(JSON.stringify(parse()?.raw)).not.toContain('__proto__');
    expect(parse()?.labels).toEqual({ kept: 'y' });
    expect(parse()?.raw).toMatchObject({ Labels: { kept: 'y' } });
  });

  it('of any depth can be written', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(JSON.stringify(parseEngineNetwork({ Id: 'n', deep })?.raw).length).toBeLessThan(1000);
  });
});

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFilesOf, readComposeNetworks } from '../../../src/core/facts/composeFile';
import { composeDifferences, composeRemarks, networksNotMade } from '../../../src/core/topology/compose';
import { aContainer, aNamespace, aNetwork, anEngine, aSnapshot } from '../topology/builders';

const tree = (text: string): unknown => parse(text, { mapAsMap: true, merge: true });
const read = (...texts: string[]) => {
  const found = readComposeNetworks(texts.map(tree));
  if (found === undefined) throw new Error('no Compose file');
  return { project: 'shop', files: ['/f.yml'], networks: found.networks, ...(found.partial && { partial: true as const }) };
};
const made = (key: string, more: object = {}) => aNetwork(key, { name: `shop_${key}`, labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.network': key }, subnets: [{ subnet: '10.66.1.0/24', gateway: '10.66.1.1' }], ...more });

describe("a project's files", () => {
  const labels = (config: string, folder = '/srv/shop') => ({ labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.project.config_files': config, 'com.docker.compose.project.working_dir': folder } });

  it('are named by its containers, relative to its folder or not, each set once', () => {
    expect(composeFilesOf([labels('docker-compose.yml,over.yml'), labels('docker-compose.yml,over.yml'), labels('/etc/x.yml'), aContainer('a')])).toEqual([
      { project: 'shop', files: ['/srv/shop/docker-compose.yml', '/srv/shop/over.yml'] },
      { project: 'shop', files: ['/etc/x.yml'] },
    ]);
  });

  it('of another machine, or of a standard input, are told', () => {
    for (const odd of ['C:\\shop\\compose.yml', '-']) expect(composeFilesOf([labels(odd, odd === '-' ? '/srv' : 'C:\\shop')])[0]?.fault).toMatch(/is no file of this host/);
  });

  it('override each other in their order, by map', () => {
    const { networks } = read('services: {a: {networks: [front]}}\nnetworks: {front: {driver: bridge, ipam: {config: [{subnet: 10.1.0.0/24}]}}}', 'networks: {front: {driver: macvlan, driver_opts: {parent: eth0}}}');
    expect(networks).toEqual([{ key: 'front', external: false, driver: 'macvlan', subnets: ['10.1.0.0/24'], gateways: [], options: { parent: 'eth0' }, used: true }]);
  });

  it('make a default network where a service names none, and not for one of another mode', () => {
    expect(read('services: {a: {}, b: {network_mode: host}, c: {networks: {x: {aliases: [y]}}}}').networks.map(({ key, used }) => [key, used])).toEqual([['default', true]]);
    expect(read('services: {b: {network_mode: host}}\nnetworks: {x: }').networks).toMatchObject([{ key: 'x', used: false }]);
  });

  it('without the words of Compose are none; variables are left out; odd values count as not given', () => {
    for (const text of ['[]', 'root:x:0:0', 'a: b', '']) expect(readComposeNetworks([tree(text)])).toBeUndefined();
    expect(read('services: 7\nnetworks: {a: {driver: "${DRIVER}", name: 5, internal: yes, ipam: [], external: no}, constructor: 1}').networks).toMatchObject([{ key: 'a', external: false, internal: true, subnets: [] }, { key: 'constructor' }]);
  });
});

describe('a network', () => {
  it('that is as its file says differs in nothing, where the file leaves the subnet to the engine, too', () => {
    for (const front of ['{ipam: {config: [{subnet: 10.66.1.0/24, gateway: 10.66.1.1}]}, internal: false}', '']) {
      expect(composeDifferences(made('front'), [read(`services: {a: {networks: [front]}}\nnetworks: {front: ${front}}`)])).toEqual([]);
    }
  });

  it('differs by driver, subnet, gateway, internal, options and name', () => {
    const file = read('services: {a: {networks: [front]}}\nnetworks: {front: {name: other, driver: macvlan, internal: true, driver_opts: {parent: eth0}, ipam: {config: [{subnet: 10.66.2.0/24, gateway: 10.66.2.9}]}}}');
    expect(composeDifferences(made('front'), [file])).toEqual([
      'its name in the file is "other"',
      "the file's driver is macvlan, this network's bridge",
      "the file's subnet is 10.66.2.0/24, this network's 10.66.1.0/24",
      "the file's gateway is 10.66.2.9, this network's 10.66.1.1",
      'the file has it internal, and it is not',
      "the file's parent is eth0, this network's not set",
    ]);
  });

  it('that the file has no more, or as an external one, is told; not where the file takes in others', () => {
    expect(composeDifferences(made('front'), [read('services: {a: {}}')])).toEqual(['the file has no network "front" any more']);
    expect(composeDifferences(made('front'), [read('services: {a: {}}\nnetworks: {front: {external: {name: lan}}}')])[0]).toMatch(/external in the file.*"lan"$/);
    expect(composeDifferences(made('front'), [read('include: [x.yml]\nservices: {a: {}}')])).toEqual([]);
    expect(composeDifferences(made('default'), [read('services: {a: {}}')])).toEqual([]);
  });

  it('is right where it fits one of the places that its project was brought up from, and is not compared without a file or a label', () => {
    const other = read('services: {a: {}}');
    const fits = read('services: {a: {networks: [front]}}\nnetworks: {front: }');
    expect(composeDifferences(made('front'), [other, fits])).toEqual([]);
    expect(composeDifferences(made('front'), [{ project: 'shop', files: [], fault: 'gone' }])).toEqual([]);
    expect(composeDifferences(aNetwork('x'), [other])).toEqual([]);
  });

  it('that a service is on in the file, and that is not there, is told of the project; so is why nothing was compared', () => {
    const file = read('services: {a: {networks: [front, lan, unmade]}}\nnetworks: {front: , lan: {external: true, name: lan}, unmade: , unused: }');
    expect(networksNotMade(file, [made('front')]).map(({ key }) => key)).toEqual(['lan', 'unmade']);
    const snapshot = aSnapshot([aNamespace(1)], anEngine([made('front'), aNetwork('l', { name: 'lan' })], []), { compose: [file, { project: 'gone', files: ['/x'], fault: '/x is not on this host.' }] });
    expect(composeRemarks({ snapshot })).toEqual([
      { project: 'shop', network: 'shop_unmade', remark: 'the file has a service on it, and it was not made' },
      { project: 'gone', network: '', remark: '/x is not on this host.' },
    ]);
  });
});

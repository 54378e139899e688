import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseEngineContainer } from '../../../src/core/facts/engineContainer';
import { parseEngineVersion } from '../../../src/core/facts/engineState';
import { parsePodmanNetwork, withNetworkIds } from '../../../src/core/facts/podman';

const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/debian-12-podman-4.3/${name}.json`, import.meta.url), 'utf8'));

it("Podman 4.3's own network goes by its own name, and containers' networks by their ids", () => {
  expect(parseEngineVersion(fixture('version'))).toMatchObject({ kind: 'podman', version: '4.3.1' });
  const networks = (fixture('networks') as unknown[]).flatMap((raw) => parsePodmanNetwork(raw) ?? []);
  expect(networks.map(({ name }) => name).sort()).toEqual(['podman', 'podnet']);
  const containers = (fixture('containers') as unknown[]).flatMap((raw) => parseEngineContainer(raw) ?? []);
  const ids = new Map(networks.map(({ name, id }) => [name, id]));
  expect(withNetworkIds(containers, networks).map(({ name, networks: [first] }) => [name, first?.networkId]).sort()).toEqual([['pod1', ids.get('podnet')], ['pod2', ids.get('podman')]]);
});

it('a network of that name which is another stays what it is', () => {
  expect(parsePodmanNetwork({ Id: 'x', Name: 'bridge' })?.name).toBe('bridge');
});

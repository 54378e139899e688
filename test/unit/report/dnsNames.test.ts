import { describe, expect, it } from 'vitest';
import { parseContainerNames } from '../../../src/core/facts/engineNames';
import { dnsNamesText, type NamedNetwork } from '../../../src/core/report/dnsNames';

const record = (name: string, aliases: readonly string[], more: object = {}) => ({
  Id: `${name}0123456789`, Name: `/${name}`, HostConfig: { Links: null }, NetworkSettings: { Networks: { n: { NetworkID: 'n1', IPAddress: `10.0.0.${String(name.length)}`, GlobalIPv6Address: '', Aliases: aliases, DNSNames: [name, ...aliases], ...more } } },
});
const names = (raw: unknown) => {
  const parsed = parseContainerNames(raw);
  if (parsed === undefined) throw new Error('not parsed');
  return parsed;
};
const network = (more: Partial<NamedNetwork['network']> = {}): NamedNetwork['network'] => ({ id: 'n1', name: 'appnet', driver: 'bridge', tasks: [], options: {}, ...more });

describe('the names that a container resolves', () => {
  const web = names(record('web', ['www'], { Links: ['db:database'] }));
  const db = names(record('dbase', ['sql', 'c0ffee']));

  it('are its own and those of the others on its networks, with aliases and links', () => {
    expect(dnsNamesText(web, [{ network: network(), containers: [web, db], more: 0 }])).toBe(
      '# By the engine\'s own DNS, at 127.0.0.11 in the container. What it does not know is asked of the servers of the host\'s resolv.conf.\n\n# appnet (bridge)\nNAME      ADDRESS   WHAT\nweb       10.0.0.3  this container\nwww       10.0.0.3  alias of web\ndbase     10.0.0.5  container\nsql       10.0.0.5  alias of dbase\nc0ffee    10.0.0.5  alias of dbase\ndatabase            link to db\n',
    );
  });

  it('say of a name that is on several networks that the engine answers for one of them', () => {
    const both = names({ Id: 'b', Name: '/b', NetworkSettings: { Networks: { one: { NetworkID: 'n1', IPAddress: '10.0.0.2' }, two: { NetworkID: 'n2', IPAddress: '10.1.0.2' } } } });
    const text = dnsNamesText(both, [{ network: network(), containers: [both, db], more: 0 }, { network: network({ id: 'n2', name: 'other' }), containers: [both], more: 0 }]);
    expect(text).toMatch(/^b {7}10\.0\.0\.2 {2}this container; also on other, and the engine answers for one of them$/m);
    expect(text).toMatch(/^b {5}10\.1\.0\.2 {2}this container; also on appnet, and the engine answers for one of them$/m);
    expect(text).toMatch(/^dbase {3}10\.0\.0\.5 {2}container$/m);
  });

  it('on the default bridge are its legacy links alone', () => {
    const linked = names({ ...record('web', []), HostConfig: { Links: ['/dbase:/web/database'] } });
    expect(dnsNamesText(linked, [{ network: network({ name: 'bridge', options: { 'com.docker.network.bridge.default_bridge': 'true' } }), containers: [linked, db], more: 0 }])).toMatch(/The default bridge gives no names\.\nNAME {6}WHAT\ndatabase {2}legacy link to dbase\n$/);
  });

  it('of a container without the engine\'s DNS are not said to come from it', () => {
    const none = network({ name: 'none', driver: 'null' });
    expect(dnsNamesText(web, [{ network: none, containers: [web, db], more: 0 }])).toBe('It is on no network of the engine, and resolves what its resolv.conf and hosts say.\n');
    expect(dnsNamesText(web, [{ network: network({ name: 'bridge', options: { 'com.docker.network.bridge.default_bridge': 'true' } }), containers: [web], more: 0 }])).not.toContain('127.0.0.11');
  });

  it('hold services and their tasks elsewhere, and say how many were not read', () => {
    const text = dnsNamesText(web, [{ network: network({ tasks: [{ service: 'svc', name: 'svc.1', endpointId: 'e', ip: '10.0.0.9', hostAddress: '192.0.2.2' }] }), containers: [web], more: 3 }]);
    expect(text).toMatch(/^svc\.1 +10\.0\.0\.9 +task of svc on 192\.0\.2\.2$/m);
    expect(text).toMatch(/^tasks\.svc +the addresses of all of its tasks$/m);
    expect(text).toContain('and 3 more containers, whose names were not read');
  });

  it('are read from records with fields missing or odd, and not from what is none', () => {
    expect(parseContainerNames({ Id: 'x', NetworkSettings: { Networks: { a: { Aliases: null } } } })).toEqual({ id: 'x', name: '', links: [], networks: [{ networkId: '', addresses: [], aliases: [], links: [] }] });
    expect(parseContainerNames({ Name: 'x' })).toBeUndefined();
    expect(parseContainerNames(undefined)).toBeUndefined();
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nftRowsTo, parseNftRules, type Publication } from '../../../src/core/facts/nftRules';

const read = (name: string): string => readFileSync(new URL(`../../fixtures/debian-12-nftables-1.0.6/${name}`, import.meta.url), 'utf8');
const rules = parseNftRules(read('ruleset.json'), read('ruleset.txt'));
const web = (publicPort: number, more: Partial<Publication> = {}): string[] => nftRowsTo(rules, { type: 'tcp', ip: '0.0.0.0', publicPort, privatePort: 80, addresses: ['172.28.0.11'], ...more });

describe('rules of nft 1.0.6 that send a port on', () => {
  it('are told with the very line and its counter', () => {
    expect(web(8080)).toEqual(['ip nat prerouting: iifname != "br-1" tcp dport 8080 counter packets 0 bytes 0 dnat to 172.28.0.11:80 comment "it\'s $(web)"']);
    expect(web(8080, { type: 'udp' })).toEqual(['ip nat prerouting: udp dport 8080 dnat to 172.28.0.11:80']);
    expect(web(8080, { ip: '::', addresses: ['fd00::11'] })).toEqual(['inet six prerouting: tcp dport 8080 dnat ip6 to [fd00::11]:80']);
  });

  it('on one address, of a set of ports, and of a range', () => {
    for (const port of [8081, 9000, 9001, 9002]) expect(web(port, { ip: '127.0.0.1' }), String(port)).toHaveLength(1);
    expect(web(9003, { ip: '127.0.0.1' })).toEqual([]);
    expect(web(8081, { ip: '10.0.0.9' })).toEqual([]);
    expect(web(8081)).toEqual([]);
  });

  it('by a map in the rule and by a named one', () => {
    expect(web(8082, { privatePort: 8082 })).toEqual(['ip nat prerouting: dnat to tcp dport map { 8082 : 172.28.0.11, 8083 : 172.28.0.12 }']);
    expect(web(8083, { privatePort: 8083 })).toEqual([]);
    expect(web(8084)).toEqual(['ip nat prerouting: dnat ip to tcp dport map @ports']);
    expect(web(8084, { type: 'udp' })).toEqual([]);
  });

  it('are not those that lead elsewhere, or to the host itself', () => {
    expect(web(8080, { privatePort: 81 })).toEqual([]);
    expect(web(8080, { addresses: ['172.28.0.12'] })).toEqual([]);
    expect(web(8085)).toEqual([]);
  });

  it('without their line are told by their handle, and odd entries are none', () => {
    const odd = parseNftRules('{"nftables": [7, {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 9, "expr": [null, {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 1}}, {"dnat": {"addr": "10.0.0.1", "port": 2}}]}}, {"rule": {"expr": "x"}}]}', '');
    expect(nftRowsTo(odd, { type: 'tcp', publicPort: 1, privatePort: 2, addresses: ['10.0.0.1'] })).toEqual(['ip t c: handle 9']);
    expect(parseNftRules('{}', '').rules).toEqual([]);
    expect(() => parseNftRules('no', '')).toThrow(SyntaxError);
  });
});

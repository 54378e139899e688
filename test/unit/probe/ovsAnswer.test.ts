import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readOvsFrame } from '../../../src/probe/ovsAnswer';

const tables = readFileSync(new URL('../../fixtures/debian-12-openvswitch-3.1/vlans-node1.json', import.meta.url), 'utf8').trim();
const told = (state: string, body: string): readonly string[] => readOvsFrame({ kind: 'ovs', words: state.split(' '), body }).errors.map(({ code, message }) => `${code}: ${message}`);

it('an Open vSwitch that runs is no error, and none at all is none either', () => {
  expect(readOvsFrame(undefined)).toEqual({ errors: [] });
  const { facts, errors } = readOvsFrame({ kind: 'ovs', words: ['asked', 'S'], body: tables });
  expect(errors).toEqual([]);
  expect(facts?.daemon).toBe('running');
});

it('a half-started one is one sentence, with what ovs-vsctl said of it', () => {
  const complaint = (text: string): string => `2026-11-21T05:53:13Z|00001|${text}`;
  expect([
    told('absent none', ''),
    told('asked none', tables),
    told('asked T', tables),
    told('asked S', complaint('fatal_signal|WARN|terminating with signal 14 (Alarm clock)')),
    told('asked S', 'ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (Connection refused)'),
    told('asked S', 'ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (Permission denied)'),
    told('asked S', 'ovs-vsctl: \u001b[31mwhat'),
    told('asked S', tables.slice(0, 900)),
  ].map((errors) => errors.map((error) => error.slice(0, 72)))).toEqual([
    ['failed: Open vSwitch has a database on this host, but ovsdb-server does '],
    ['failed: ovs-vswitchd does not run on this host, so what the Open vSwitch'],
    ['failed: ovs-vswitchd is stopped on this host (by a signal or a debugger)'],
    ['time-limit: The Open vSwitch database did not answer within 3 s: ovsdb-s'],
    ['failed: ovsdb-server has ended and left its socket behind, so the bridge'],
    ['no-permission: Only root may read the Open vSwitch database. Connect as '],
    ['garbled: The Open vSwitch database could not be read: ovs-vsctl printed '],
    ['garbled: Not all of what ovs-vsctl printed is a table of the Open vSwitc'],
  ]);
  expect(readOvsFrame({ kind: 'ovs', words: ['asked', 'S'], body: 'ovs-vsctl: \u001b[31mwhat' }).errors[0]?.detail).toBe('ovs-vsctl: \\x1b[31mwhat');
});

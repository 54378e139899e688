import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lastFailures, parseSwarmNodes, parseSwarmService, parseSwarmTask, shortServices, taskTime } from '../../../src/core/facts/swarm';
import type { SwarmService, SwarmTask } from '../../../src/core/model/swarm';

const fixture = (name: string): unknown[] => JSON.parse(readFileSync(new URL(`../../fixtures/debian-12-docker-20.10/${name}.json`, import.meta.url), 'utf8')) as unknown[];
const services = (): SwarmService[] => fixture('services').flatMap((raw) => parseSwarmService(raw) ?? []);
const tasks = (): SwarmTask[] => fixture('tasks').flatMap((raw) => parseSwarmTask(raw) ?? []);

it('nodes of engine 20.10, with what they are in the swarm', () => {
  expect(parseSwarmNodes(fixture('nodes'))).toMatchObject([
    { hostname: 'node2', address: '192.168.56.12', role: 'worker', availability: 'active' },
    { hostname: 'node1', address: '192.168.56.11', role: 'manager', leader: true, reachability: 'reachable' },
  ]);
});

it('services of engine 20.10, and nothing of what they run', () => {
  const byName = new Map(services().map((service) => [service.name, service]));
  expect(byName.get('pub')).toMatchObject({
    mode: 'replicated',
    replicas: 1,
    endpointMode: 'vip',
    image: 'net-tools:latest',
    ports: [{ protocol: 'tcp', targetPort: 80, publishedPort: 8081, publishMode: 'ingress' }],
    virtualAddresses: [{ address: '10.0.0.4/24' }, { address: '10.13.18.8/24' }],
  });
  expect(byName.get('pubhost')).toMatchObject({ endpointMode: 'dnsrr', ports: [{ publishedPort: 8082, publishMode: 'host' }], virtualAddresses: [] });
  expect(byName.get('broken')).toMatchObject({ mode: 'global' });
  expect(JSON.stringify(services())).not.toMatch(/verysecret|no-such-program|httpd/);
  expect(JSON.stringify(fixture('services'))).toMatch(/verysecret/);
});

it('tasks: a publication of IPv4 and IPv6 is one, and one that fails says why', () => {
  const of = (state: string): SwarmTask[] => tasks().filter((task) => task.state === state);
  expect(tasks().find(({ ports }) => ports.length > 0)?.ports).toEqual([{ protocol: 'tcp', targetPort: 80, publishedPort: 8082, publishMode: 'host' }]);
  expect(of('failed')[0]?.message).toMatch(/executable file not found/);
  expect(of('pending')[0]).toMatchObject({ nodeId: '', slot: 1, message: expect.stringMatching(/^no suitable node/) as string });
  for (const task of of('running')) expect(task).not.toHaveProperty('message');
});

it('of a place where no task runs the last failure is told, and only there', () => {
  const all = tasks();
  const current = all.filter(({ desired }) => desired !== 'shutdown');
  expect(shortServices(services(), current).map(({ name }) => name).sort()).toEqual(['broken', 'nowhere']);
  const former = fixture('tasks').flatMap((raw) => {
    const task = parseSwarmTask(raw);
    return task?.desired === 'shutdown' ? [{ task, at: taskTime(raw) }] : [];
  });
  const [failed] = former;
  if (failed === undefined) throw new Error('the fixture has no failed task');
  const older = { task: { ...failed.task, id: 'older', message: 'an older one' }, at: '2020-01-01T00:00:00Z' };
  expect(lastFailures(current, [older, ...former]).map(({ id }) => id)).toEqual([failed.task.id]);
  const again: SwarmTask = { ...failed.task, id: 'new', state: 'running', desired: 'running' };
  expect(lastFailures([again], former)).toEqual([]);
});

it('what is none is left out, and odd fields count as empty', () => {
  expect(parseSwarmService({ ID: '' })).toBeUndefined();
  expect(parseSwarmTask([])).toBeUndefined();
  expect(parseSwarmService({ ID: 'x', Spec: { Name: 7, Mode: { constructor: {} } } })).toMatchObject({ name: '', mode: '', endpointMode: 'vip', ports: [] });
  expect(parseSwarmTask({ ID: 'x', Slot: -1, Status: 'up' })).toMatchObject({ id: 'x', nodeId: '', state: '', addresses: [] });
});

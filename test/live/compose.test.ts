import { expect, it } from 'vitest';
import type { Topology } from '../../src/core/model/topology';
import { scanTable } from '../../src/core/report/scanTable';
import { buildTopology } from '../../src/core/topology/buildTopology';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';
import { through } from './scanSupport';

const folder = '/root/live-compose';
const file = (front: string): string => `version: "2.4"\nservices:\n  web:\n    image: net-tools\n    command: sleep 2147483647\n    stop_signal: SIGKILL\n    environment: [TOKEN=verysecret]\n    networks: [front, back]\nnetworks:\n  front:${front}\n  back:\n    internal: true\n`;
const subnet = (text: string): string => `\n    ipam:\n      config:\n        - subnet: ${text}`;

let commands: string[] = [];

async function read(): Promise<Topology> {
  const transport = through(openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig }), (command) => {
    commands.push(command.argv.join(' ').slice(0, 10));
    return command;
  });
  const engine = openEngine(transport);
  try {
    // What finds the engine's socket runs once for a connection.
    await engine.read();
    commands = [];
    return buildTopology([{ id: 'ssh://node1', label: 'node1', snapshot: await scanHost(transport, engine, { limitMs: 30_000 }) }]);
  } finally {
    engine.dispose();
    transport.dispose();
  }
}

describeInLab('a project of a real docker-compose', () => {
  it("is grouped, and its networks are marked once its file says something else, as Compose goes on using them", async () => {
    const write = (text: string): string => askOn('node1', 'sh', '-c', 'mkdir -p "$1" && printf %s "$2" > "$1/docker-compose.yml"', 'sh', folder, text);
    const compose = (...argv: string[]) => runOn('node1', ['sh', '-c', 'cd "$1" && shift && docker-compose --no-ansi "$@"', 'sh', folder, ...argv]);
    const clean = (): void => {
      write(file(subnet('10.66.9.0/24')));
      compose('down', '-t', '0');
      runOn('node1', ['rm', '-rf', folder]);
    };
    clean();
    atEnd(clean);
    write(file(subnet('10.66.9.0/24')));
    expect(compose('up', '-d')).toMatchObject({ code: 0 });
    const networks = (topology: Topology) => topology.hosts[0]?.networks.filter(({ compose: of }) => of?.project === 'live-compose').map(({ name, differs }) => [name, differs]);

    const before = await read();
    expect(networks(before)).toEqual([['live-compose_back', undefined], ['live-compose_front', undefined]]);
    expect(before.hosts[0]?.containers.find(({ name }) => name === 'live-compose_web_1')?.compose).toEqual({ project: 'live-compose', service: 'web' });
    expect(before.hosts[0]?.snapshot.compose?.find(({ project }) => project === 'live-compose')).toMatchObject({ files: [`${folder}/docker-compose.yml`] });
    // The files come with the namespaces.
    expect(commands).toEqual(['sh -s']);
    expect(JSON.stringify(before.hosts[0]?.snapshot)).not.toContain('verysecret');
    expect(scanTable(before)).not.toMatch(/live-compose_\w+ +(the|its) /);

    write(file(subnet('10.66.10.0/24')).replace('internal: true', 'internal: false'));
    const after = await read();
    expect(networks(after)).toEqual([
      ['live-compose_back', ['it is internal, and in the file it is not']],
      ['live-compose_front', ["the file's subnet is 10.66.10.0/24, this network's 10.66.9.0/24"]],
    ]);
    expect(scanTable(after)).toMatch(/^ {4}live-compose +live-compose_front +the file's subnet is 10\.66\.10\.0\/24, this network's 10\.66\.9\.0\/24$/m);

    write(file('').replace(/ {2}back:\n {4}internal: true\n/, '  side:\n').replace('back]', 'side]'));
    const gone = await read();
    expect(networks(gone)?.[0]).toEqual(['live-compose_back', ['the file has no network "back" any more']]);
    expect(scanTable(gone)).toMatch(/^ {4}live-compose +live-compose_side +the file has a service on it, and it was not made$/m);

    write('services: [\n');
    expect(scanTable(await read())).toMatch(/^ {4}live-compose +- +\/root\/live-compose\/docker-compose\.yml is no YAML\.$/m);
    askOn('node1', 'rm', `${folder}/docker-compose.yml`);
    expect(scanTable(await read())).toMatch(/^ {4}live-compose +- +\/root\/live-compose\/docker-compose\.yml is not on this host: /m);
  });
});

#!/usr/bin/env node
// The lab's command line: node test/lab/lab.mjs up|down|status|exec|engine [--name NAME] …
import { spawn } from 'node:child_process';
import { instance, LabError, readHosts, withLock } from './instance.mjs';
import { bringUp, instances, verify } from './up.mjs';
import { takeDown } from './down.mjs';
import { execArgv } from './hosts.mjs';
import { controlEngine } from './client.mjs';

const usage = `Usage: node test/lab/lab.mjs COMMAND [--name NAME]
  up [--scale N]              start the lab's hosts (N: more containers on node1)
  down                        take them down, leaving nothing
  status                      say what is up
  exec HOST -- COMMAND…       run a command on a host, as its root
  engine HOST stop|start|kill control the engine of a host
NAME is "dev" unless said otherwise.`;

function parse(argv) {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const options = { name: 'dev', scale: 0, words: [], rest: end < 0 ? [] : argv.slice(end + 1) };
  for (let index = 0; index < own.length; index++) {
    if (own[index] === '--name') options.name = own[++index] ?? '';
    else if (own[index] === '--scale') {
      options.scale = Number(own[++index]);
      if (!Number.isInteger(options.scale) || options.scale < 0) throw new LabError('--scale takes a number of containers.');
    } else if (own[index].startsWith('-')) throw new LabError(usage);
    else options.words.push(own[index]);
  }
  return options;
}

function processOf(hosts, name) {
  const host = hosts?.hosts[name];
  if (hosts === undefined) throw new LabError('The lab is not up; "node test/lab/lab.mjs up" starts it.');
  if (host === undefined) throw new LabError(`The lab has no host "${name}", only ${Object.keys(hosts.hosts).join(', ')}.`);
  return host.process.pid;
}

const commands = {
  async up(lab, options) {
    const start = performance.now();
    const say = (text) => console.error(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${text}`);
    const stop = new AbortController();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stop.abort(new LabError('Stopped; nothing of the lab is left.')));
    const hosts = await bringUp(lab, { scale: options.scale, say, signal: stop.signal });
    console.log(`Lab "${lab.name}" is up (${((performance.now() - start) / 1000).toFixed(1)} s).`);
    for (const [name, host] of Object.entries(hosts.hosts)) console.log(`  ${name.padEnd(6)} ${host.address}`);
    console.log(`  ssh -F ${lab.sshConfig} node1`);
  },
  async down(lab) {
    await withLock(lab.name, () => takeDown(lab));
    console.log(`Lab "${lab.name}" is down.`);
  },
  async status(lab) {
    const hosts = await readHosts(lab);
    const fault = hosts === undefined ? 'it was not started' : await verify(hosts);
    console.log(fault === undefined ? `Lab "${lab.name}" is up: ${lab.hostsFile}` : `Lab "${lab.name}" is not up: ${fault}.`);
    const others = (await instances()).filter((name) => name !== lab.name);
    if (others.length > 0) console.log(`Others: ${others.join(', ')}`);
    return fault === undefined ? 0 : 1;
  },
  async exec(lab, { words, rest }) {
    if (words.length !== 1 || rest.length === 0) throw new LabError(usage);
    const argv = await execArgv(processOf(await readHosts(lab), words[0]), rest);
    const child = spawn(argv[0], argv.slice(1), { stdio: 'inherit' });
    return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 1)));
  },
  async engine(lab, { words }) {
    if (words.length !== 2 || !['stop', 'start', 'kill'].includes(words[1])) throw new LabError(usage);
    const hosts = await readHosts(lab);
    processOf(hosts, words[0]);
    await controlEngine(hosts, words[0], words[1]);
  },
};

try {
  const options = parse(process.argv.slice(2));
  const command = commands[options.words.shift() ?? ''];
  if (command === undefined) throw new LabError(usage);
  process.exitCode = (await command(instance(options.name), options)) ?? 0;
} catch (error) {
  console.error(error instanceof LabError ? error.message : error);
  process.exitCode = 1;
}

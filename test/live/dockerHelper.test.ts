import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseHostAddress } from '../../src/core/model/address';
import { scanHost } from '../../src/discovery/scan';
import { openEngine } from '../../src/host/engineClient';
import { openTransport } from '../../src/host/openTransport';
import type { HelperOptions } from '../../src/host/docker/helper';
import { hasImage, pullImage } from '../../src/host/docker/helperImage';
import type { Transport, TransportError } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { askTlsEngine, makeCa, makeCertificate, startTlsEngine, stopTlsEngine, tlsPort } from '../lab/tlsEngine.mjs';
import { startRegistry } from '../lab/registry.mjs';
import { cli } from './cliSupport';
import { noQuestions } from './hostQuestions';
import { temporaryFolder } from './hostSshd';
import { failure, transportContract } from './transportContract';

// The image is the lab's: Debian's busybox and iproute2, with what they are linked with (test/lab/image.sh).
const image = 'net-tools';
const lab = await currentLab();
const opened: { dispose(): void }[] = [];
const before = process.env['DOCKER_CONFIG'];
const folder = await temporaryFolder();

beforeAll(async () => {
  process.env['DOCKER_CONFIG'] = folder.path;
  const certs = join(folder.path, 'certs');
  await makeCa(certs, 'ca');
  await makeCertificate(certs, 'ca', 'server', { address: lab.hosts.node2.address });
  await makeCertificate(certs, 'ca', 'client');
  const address = await startTlsEngine(lab, 'node2', certs);
  const parts = [`host=tcp://${address}:${String(tlsPort)}`, ...['ca=ca', 'cert=client', 'key=client-key'].map((part) => `${part.replace('=', `=${certs}/`)}.pem`)];
  await promisify(execFile)('docker', ['context', 'create', 'far', '--docker', parts.join(',')]);
}, 90_000);
afterAll(async () => {
  for (const thing of opened) thing.dispose();
  if (before === undefined) delete process.env['DOCKER_CONFIG'];
  else process.env['DOCKER_CONFIG'] = before;
  await stopTlsEngine(lab, 'node2');
  await folder.remove();
});

function open(helper: HelperOptions, log: string[] = []): Transport {
  const transport = openTransport(parseHostAddress('docker://far'), { questions: noQuestions, helper, log: { info: (text) => log.push(text), warn: (text) => log.push(text) } });
  opened.push(transport);
  return transport;
}

const helpers = async () => (await askTlsEngine(lab, 'node2', ['ps', '-a', '--filter', 'label=netns-explorer.helper', '--format', '{{.Names}} {{.State}}'])).split('\n').filter((line) => line !== '');

transportContract({ name: "a helper container, with the machine's tools", open: () => openTransport(parseHostAddress('docker://far'), { questions: noQuestions, helper: { image } }), privilege: 'root' });

const disposeAll = async () => {
  for (const thing of opened.splice(0)) thing.dispose();
  await expect.poll(helpers, { timeout: 15_000 }).toEqual([]);
};

describe('a helper container on the machine behind an engine', () => {
  afterEach(disposeAll);
  it.each(['machine', 'image'] as const)('reads what is read over SSH, in one round trip, with the tools of the %s', async (tools) => {
    const scan = async (transport: Transport) => {
      opened.push(transport);
      const engine = openEngine(transport);
      opened.push(engine);
      return scanHost(transport, engine, { limitMs: 30_000 });
    };
    const far = await scan(open({ image, tools }));
    const near = await scan(openTransport(parseHostAddress('ssh://node2'), { questions: noQuestions, sshConfigFile: lab.sshConfig }));
    expect(far.errors).toEqual([]);
    expect(far.host).toMatchObject({ hostname: 'node2', uid: 0, privilege: 'root', initNamespace: near.host.initNamespace });
    expect(far.host.engineOnly).toBeUndefined();
    expect(far.namespaces.map(({ key }) => key).sort()).toEqual(near.namespaces.map(({ key }) => key).sort());
    const devices = ({ namespaces }: typeof far) => namespaces.flatMap(({ key, links }) => links.map((link) => `${key} ${String(link.ifindex)} ${link.name}`)).sort();
    expect(devices(far)).toEqual(devices(near));
    expect(far.engine?.containers.map(({ name }) => name).filter((name) => !name.startsWith('netns-explorer-helper-'))).toEqual(['behind-tls']);
  });

  it('says what it is, and runs without --privileged where the engine refuses that', async () => {
    const transport = open({ image });
    await transport.connect();
    const [inspected] = JSON.parse(await askTlsEngine(lab, 'node2', ['inspect', ...(await helpers()).map((line) => line.split(' ')[0] ?? '')])) as [{ HostConfig: { Privileged: boolean; PidMode: string; NetworkMode: string; AutoRemove: boolean } }];
    expect(inspected.HostConfig).toMatchObject({ PidMode: 'host', NetworkMode: 'host', AutoRemove: true });
    const how = inspected.HostConfig.Privileged ? 'privileged' : 'with capabilities, because the engine refuses --privileged \\(.+\\)';
    expect(transport.way).toMatch(new RegExp(`^The engine at tcp://\\S+ is asked over TLS\\. A helper container of the image net-tools runs on its machine, ${how}, and uses the machine's own tools\\. It is removed when the connection to tcp://\\S+ ends\\.$`));
    transport.dispose();
  });

  it('is gone once it is not used any more, and when whoever used it is killed', async () => {
    await open({ image }).connect();
    expect(await helpers()).toHaveLength(1);
    await disposeAll();
    let pid = 0;
    const run = cli(['enter', '--host', 'docker://far', '--helper', '--helper-image', image, 'root', '--', 'sleep', '300'], { onStart: (started) => (pid = started) });
    await expect.poll(helpers, { timeout: 15_000 }).toEqual([expect.stringMatching(/^netns-explorer-helper-[0-9a-f]{8} running$/)]);
    process.kill(pid, 'SIGKILL');
    await run;
    await expect.poll(helpers, { timeout: 15_000 }).toEqual([]);
  });

  it('that ended without the connection is told, and the next use starts another', async () => {
    const transport = open({ image });
    await transport.connect();
    const lost = new Promise<TransportError>((resolve) => transport.onDidClose(resolve));
    const [first = ''] = await helpers();
    await askTlsEngine(lab, 'node2', ['rm', '-f', first.split(' ')[0] ?? '']);
    expect(await lost).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/^The helper container on the machine behind tcp:\S+ has ended, or the connection to it was lost\. The next command starts it again\.$/) as string });
    expect((await transport.run({ argv: ['uname', '-n'], privilege: 'root' }, { limitMs: 10_000 })).stdout).toBe('node2\n');
    expect(await helpers()).not.toContain(first);
    transport.dispose();
  });

  it('that an earlier session left behind is removed, and one that runs is left alone', async () => {
    await askTlsEngine(lab, 'node2', ['run', '--name', 'left', '--network', 'none', '--label', 'netns-explorer.helper=1', image, 'true']);
    await askTlsEngine(lab, 'node2', ['run', '-d', '--name', 'other-session', '--network', 'none', '--label', 'netns-explorer.helper=1', image, 'sleep', '300']);
    const log: string[] = [];
    const transport = open({ image }, log);
    await transport.connect();
    expect((await helpers()).map((line) => line.split(' ')[0])).toEqual([expect.stringMatching(/^netns-explorer-helper-/), 'other-session']);
    expect(log).toContainEqual(expect.stringMatching(/^A helper container that was left on tcp:\S+ by an earlier session was removed \([0-9a-f]{12}\)\.$/));
    transport.dispose();
    await askTlsEngine(lab, 'node2', ['rm', '-f', 'other-session']);
  });

  it('whose image is not there, or has no shell, is a sentence, and leaves nothing', async () => {
    expect(await failure(open({ image: 'no-such-image' }).connect())).toMatchObject({ code: 'tool-missing', message: expect.stringMatching(/^The image of the helper container, no-such-image, is not on the engine at tcp:\S+\. "Helper Container…" pulls it there once you agree; so does "docker pull"\.$/) as string });
    // An image of one empty folder.
    await askTlsEngine(lab, 'node2', ['rmi', 'empty']).catch(() => '');
    await promisify(execFile)('sh', ['-c', 'd=$(mktemp -d) && mkdir "$d/tmp" && tar -C "$d" -c tmp | docker --context far import - empty && rm -r "$d"']);
    const error = await failure(open({ image: 'empty' }).connect());
    expect(error).toMatchObject({ name: 'TransportError', code: 'no-permission', message: expect.stringMatching(/^The engine at tcp:\S+ does not start the helper container: .*sh.*executable file not found.*\. Add the machine itself over SSH\.$/) as string });
    await expect.poll(helpers, { timeout: 15_000 }).toEqual([]);
  });

  it('is not pulled by a connection, but once a person agreed, from a registry (a stand-in that serves one image)', async () => {
    const registry = await startRegistry(lab.rootAddress);
    try {
      expect((await failure(open({ image: registry.reference }).connect())).code).toBe('tool-missing');
      expect([await hasImage('far', registry.reference), registry.asked]).toEqual([false, []]);
      await pullImage('far', registry.reference);
      expect(await hasImage('far', registry.reference)).toBe(true);
      expect((await open({ image: registry.reference }).run({ argv: ['uname', '-n'], privilege: 'root' }, { limitMs: 10_000 })).stdout).toBe('node2\n');
      const missing = registry.reference.replace('/helper', '/none');
      expect((await failure(pullImage('far', missing))).message).toMatch(/^The engine at tcp:\S+ could not pull \S+\/none:latest: .*\. Pull it there by "docker pull", or name another image in the setting netnsExplorer\.helper\.image\.$/);
    } finally {
      registry.stop();
    }
  });

  it('lets the command line enter a namespace there', async () => {
    const { stdout, code } = await cli(['enter', '--host', 'docker://far', '--helper', '--helper-image', image, 'root', '--', 'ip', '-o', '-4', 'addr', 'show', 'eth0']);
    expect({ stdout, code }).toEqual({ stdout: expect.stringContaining(`inet ${lab.hosts.node2.address}/24`) as string, code: 0 });
  });
});

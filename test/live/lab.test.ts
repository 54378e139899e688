import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { controlEngine, currentLab, execOn, type Lab } from '../lab/client.mjs';

const exec = promisify(execFile);

async function ssh(lab: Lab, alias: string, command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await exec('ssh', ['-F', lab.sshConfig, '-o', 'BatchMode=yes', alias, command]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('the lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await currentLab();
  });

  it('joins containers of two hosts by a real overlay, by address and by name', async () => {
    for (const [host, from, targets] of [
      ['node1', 'docker1n', ['10.13.17.8', 'docker2n']],
      ['node2', 'docker2n', ['10.13.17.7', 'docker1n']],
    ] as const) {
      for (const target of targets) {
        const { stdout } = await execOn(lab, host, ['docker', 'exec', from, 'ping', '-c', '1', '-W', '2', target]);
        expect(stdout).toContain('1 packets received');
      }
    }
    const { stdout } = await execOn(lab, 'node1', ['docker', 'exec', 'docker1n', 'hostname']);
    expect(stdout.trim()).toBe('docker1h');
  });

  it('has every kind of container network', async () => {
    const { stdout } = await execOn(lab, 'node1', ['docker', 'inspect', '--format', '{{.Name}} {{.HostConfig.NetworkMode}} {{len .NetworkSettings.Networks}}', ...Object.values(lab.containers).filter((container) => container.host === 'node1').map((container) => container.id)]);
    const lines = stdout.trim().split('\n').sort();
    expect(lines).toEqual([
      '/docker1n mynet01 1',
      '/hosted host 1',
      ...(lab.features.macvlan ? ['/lanbox macnet 1'] : []),
      '/lonely none 1',
      `/sidecar container:${lab.containers['docker1n']!.id} 0`,
      '/stopped appnet 1',
      '/twonets mynet01 2',
      '/web1 appnet 1',
      '/web2 appnet 1',
    ]);
  });

  it('publishes a port on the host', async () => {
    const answer = await fetch(`http://${lab.hosts.node1.address}:8080/`);
    expect(await answer.text()).toContain('It works');
  });

  it.each([
    ['root', '0', 0],
    ['vagrant', '1000', 0],
    ['nosudo', '1001', 1],
    ['sudopw', '1002', 1],
  ] as const)('lets %s in by key, and to root as far as that user may', async (user, uid, sudoCode) => {
    const alias = lab.hosts.node1.aliases[user];
    expect((await ssh(lab, alias, 'id -u')).stdout.trim()).toBe(uid);
    expect((await ssh(lab, alias, 'sudo -n id -u')).code).toBe(sudoCode);
  });

  it('takes the sudo password of sudopw, and no other', async () => {
    const right = await ssh(lab, lab.hosts.node1.aliases.sudopw, `echo '${lab.passwords.sudopw}' | sudo -k -S -p '' id -u`);
    expect(right.stdout.trim()).toBe('0');
    const wrong = await ssh(lab, lab.hosts.node1.aliases.sudopw, `echo wrong | sudo -k -S -p '' id -u`);
    expect(wrong.code).toBe(1);
  });

  it('lets pwonly in by password alone', async () => {
    const refused = await ssh(lab, lab.hosts.node1.aliases.pwonly, 'id -u');
    expect(refused.code).toBe(255);
    expect(refused.stderr).toMatch(/Permission denied \(password,keyboard-interactive\)/);
    for (const method of ['password', 'keyboard-interactive']) {
      const { stdout } = await exec(
        'ssh',
        ['-F', lab.sshConfig, '-o', `PreferredAuthentications=${method}`, lab.hosts.node1.aliases.pwonly, 'id -un'],
        // OpenSSH asks the program that SSH_ASKPASS names; this one prints what it finds in its environment.
        { env: { ...process.env, SSH_ASKPASS: fileURLToPath(new URL('../lab/askpass.sh', import.meta.url)), SSH_ASKPASS_REQUIRE: 'force', LAB_PASSWORD: lab.passwords.pwonly } },
      );
      expect(stdout.trim()).toBe('pwonly');
    }
  });

  it('reaches node2 through node1', async () => {
    expect((await ssh(lab, 'node2-jump', 'hostname; echo "$SSH_CONNECTION"')).stdout).toMatch(new RegExp(`^node2\n${lab.hosts.node1.address} `));
  });

  it('has a bare host: ip is of busybox, and there is neither bridge nor engine', async () => {
    const { stdout } = await ssh(lab, 'bare', 'ip -V 2>&1 | head -n1; for p in bridge docker ss jq; do command -v $p; done; ls /run/docker.sock 2>/dev/null; true');
    expect(stdout.trim()).toMatch(/^BusyBox v[^\n]*$/);
  });

  it('has names that nobody should trust, as the kernel took them', async () => {
    const { stdout } = await execOn(lab, 'node1', ['sh', '-c', 'for f in /run/netns/*; do printf %s "$(basename "$f"; echo .)" | base64 -w0; echo; done']);
    const files = stdout.trim().split('\n').map((line) => Buffer.from(line, 'base64').toString('latin1').replace(/\n\.$/, ''));
    const told = lab.features.odd.namespaces.map((name) => Buffer.from(name, 'base64').toString('latin1'));
    expect(files.sort()).toEqual(told.sort());
    expect(told).toEqual(expect.arrayContaining(['two words', 'new\nline', '$(touch executed)', '<b>bold']));
    const devices = await execOn(lab, 'node1', ['ip', 'netns', 'exec', 'odd', 'ls', '/sys/class/net']);
    expect(devices.stdout.split('\n')).toEqual(expect.arrayContaining(['a;id', '$(id)', '<b>x', "it's"]));
  });

  it('stops, starts and kills an engine, which comes back with its containers', async () => {
    const engineAnswers = async () => (await execOn(lab, 'node2', ['docker', 'info', '--format', '{{.ServerVersion}}'], { check: false })).code === 0;
    for (const action of ['stop', 'kill'] as const) {
      await controlEngine(lab, 'node2', action);
      expect(await engineAnswers()).toBe(false);
      await controlEngine(lab, 'node2', 'start');
      expect(await engineAnswers()).toBe(true);
      const { stdout } = await execOn(lab, 'node1', ['docker', 'exec', 'docker1n', 'ping', '-c', '1', '-W', '2', 'docker2n']);
      expect(stdout).toContain('1 packets received');
    }
  }, 240_000);
});

describe('a lab that was taken down', () => {
  interface Check {
    readonly before: Readings;
    readonly during: Readings;
    readonly secondUpMs: number;
    readonly rounds: readonly { readonly what: string; readonly left?: number; readonly after: Readings }[];
  }
  type Readings = Readonly<Record<string, readonly string[]>>;

  let check: Check;
  beforeAll(async () => {
    const script = fileURLToPath(new URL('../lab/leakCheck.mjs', import.meta.url));
    const { stdout } = await exec('node', [script, '150', '700', '2500'], { maxBuffer: 64 * 1024 * 1024 });
    check = JSON.parse(stdout) as Check;
  }, 180_000);

  it('was there, and found itself up the second time', () => {
    for (const reading of ['links', 'routes', 'processes', 'namespaces', 'cgroups', 'run']) {
      expect(check.during[reading], reading).not.toEqual(check.before[reading]);
    }
    expect(check.secondUpMs).toBeLessThan(3_000);
    // Not only the round that went well had something to clear away.
    expect(Math.max(...check.rounds.map((round) => round.left ?? 0))).toBeGreaterThan(0);
  });

  it.each([0, 1, 2, 3, 4])('leaves no link, route, namespace, mount, rule, process, cgroup or file (round %i)', (index) => {
    const round = check.rounds[index]!;
    // A reading each: a failure's report is cut, and must name what is left.
    for (const [reading, lines] of Object.entries(check.before)) expect(round.after[reading], `${reading} after: ${round.what}`).toEqual(lines);
  });
});

import { expect, test } from 'vitest';
import { cli } from './cliSupport';
import { askOn, describeInLab, theLab } from './commandSupport';

describeInLab("netns-explorer's verbs for what an engine has on a host", () => {
  const on = (...hosts: string[]): string[] => [...hosts.flatMap((host) => ['--host', host]), '--ssh-config', theLab().sshConfig];

  test('ports: of one container as text, and of a host as JSON, with the rule that the host has', async () => {
    const rule = /-A DOCKER .*--dport 8080 .*-j DNAT --to-destination 172\.28\.0\.11:80/.exec(askOn('node1', 'iptables-save', '-t', 'nat'))?.[0] ?? 'none';
    const text = await cli(['ports', 'web1', ...on('node1')]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^# web1 \(172\.28\.0\.11\)\n0\.0\.0\.0:8080 → 80\/tcp\n {2}rule {3}\[\d+:\d+\] /);
    expect(text.stdout).toContain(rule);
    const json = JSON.parse((await cli(['ports', '--json', ...on('node1')])).stdout) as { hostId: string; containers: { name: string; ports: { publicPort: number; rules: string[] }[] }[] };
    expect(json.hostId).toBe('ssh://node1');
    expect(json.containers.find(({ name }) => name === 'web1')?.ports.find(({ publicPort }) => publicPort === 8080)?.rules.join()).toContain(rule);
  });

  test('names: those of a container, on whichever host it is', async () => {
    const { code, stdout } = await cli(['names', 'docker2n', ...on('node1', 'node2')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# mynet01 \(overlay\)$/m);
    expect(stdout).toMatch(/^docker2n +10\.13\.17\.8 +this container$/m);
    expect(stdout).toMatch(/^docker1n +10\.13\.17\.7 +task of no service on /m);
    const json = JSON.parse((await cli(['names', 'docker2n', '--json', ...on('node1', 'node2')])).stdout) as { host: string; networks: { network: string; names: { name: string; address: string }[] }[] };
    expect(json.host).toBe('node2');
    expect(json.networks.find(({ network }) => network === 'mynet01')?.names).toContainEqual({ name: 'docker1n', address: '10.13.17.7', what: expect.stringMatching(/^task/) as string });
  });

  test('settings: of two hosts, each under its name, and as an array', async () => {
    const { code, stdout } = await cli(['settings', ...on('node1', 'node2')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^node1 {2}\(ssh:\/\/node1\)\n\n# dockerd, process \d+: /);
    expect(stdout).toMatch(/^node2 {2}\(ssh:\/\/node2\)$/m);
    const json = JSON.parse((await cli(['settings', '--json', ...on('node1', 'node2')])).stdout) as { host: string; settings: { name: string; value: string; from: string }[] }[];
    expect(json.map(({ host }) => host)).toEqual(['node1', 'node2']);
    expect(json[0]?.settings.find(({ name }) => name === 'data-root')).toEqual({ name: 'data-root', value: '/var/lib/docker', from: 'command line' });
  });

  test('settings: of a host without an engine that there is none, and no default', async () => {
    expect(await cli(['settings', ...on('bare')])).toMatchObject({ code: 1, stdout: 'No Docker engine runs on this host, and there is no /etc/docker/daemon.json: there are no settings to show.\n' });
    expect(JSON.parse((await cli(['settings', '--json', ...on('bare')])).stdout)).toMatchObject({ host: 'bare', settings: [], faults: [expect.stringMatching(/^No Docker engine runs/)] });
  });

  test('what does not fit is one sentence and status 2', async () => {
    for (const [argv, sentence] of [
      [['names'], /^Name the CONTAINER whose names are asked for\. See: netns-explorer names --help\n$/],
      [['ports', 'no-such', ...on('node1')], /^There is no container "no-such" on node1\.\n$/],
      [['settings', 'web1'], /^"web1" is no option\./],
    ] as const) {
      expect(await cli([...argv])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(sentence) as string });
    }
  });
});

import { expect, it } from 'vitest';
import { engineSettingsText } from '../../src/core/report/engineSettings';
import { readEngineFacts } from '../../src/discovery/readEngineFacts';
import { openTransport } from '../../src/host/openTransport';
import { askOn, atEnd, describeInLab, runOn, theLab } from './commandSupport';
import { noQuestions } from './hostQuestions';

describeInLab('settings of a real engine', () => {
  it('are those of its own command line and file', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'node1' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    try {
      const told = async (): Promise<string> => engineSettingsText(await readEngineFacts(transport));
      const text = await told();
      expect(text).toMatch(/^# dockerd, process \d+: .*--storage-driver overlay2/);
      expect(text).toMatch(/^data-root +\/var\/lib\/docker +command line$/m);
      expect(text).toMatch(/^bip +chosen by the engine +default$/m);
      const pid = /process (\d+):/.exec(text)?.[1] ?? '';
      expect(askOn('node1', 'cat', `/proc/${pid}/comm`)).toContain('dockerd');
      atEnd(() => runOn('node1', ['rm', '-f', '/etc/docker/daemon.json']));
      askOn('node1', 'sh', '-c', 'printf %s \'{"bip": "10.5.0.1/24"}\' > /etc/docker/daemon.json');
      expect(await told()).toMatch(/^bip +10\.5\.0\.1\/24 +\/etc\/docker\/daemon\.json, since the engine started$/m);
      // As it would be had it been there before.
      askOn('node1', 'touch', '-d', '2020-01-01', '/etc/docker/daemon.json');
      expect(await told()).toMatch(/^bip +10\.5\.0\.1\/24 +\/etc\/docker\/daemon\.json$/m);
    } finally {
      transport.dispose();
    }
  });

  it('of a host without an engine are said to be none', async () => {
    const transport = openTransport({ kind: 'ssh', host: 'bare' }, { questions: noQuestions, sshConfigFile: theLab().sshConfig });
    try {
      expect(engineSettingsText(await readEngineFacts(transport))).toMatch(/^# No running dockerd was found/);
    } finally {
      transport.dispose();
    }
  });
});

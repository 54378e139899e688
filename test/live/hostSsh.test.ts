import { describe } from 'vitest';
import type { HostAddress } from '../../src/core/model/address';
import { openTransport } from '../../src/host/openTransport';
import type { Questions, Transport } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';
import { transportContract } from './transportContract';

const lab = await currentLab();
const open = (host: string, questions: Questions = noQuestions): Transport => {
  const address: HostAddress = { kind: 'ssh', host };
  return openTransport(address, { questions, sshConfigFile: lab.sshConfig });
};

describe('over SSH', () => {
  transportContract({ name: 'ssh, as root', open: () => open('node1'), privilege: 'root' });
  transportContract({ name: 'ssh, with sudo', open: () => open('node1-vagrant'), privilege: 'sudo' });
  transportContract({ name: 'ssh, with a sudo password', open: () => open('node1-sudopw', answering({ secrets: [lab.passwords.sudopw] })), privilege: 'sudo' });
  transportContract({ name: 'ssh, as a user who may not use sudo', open: () => open('node1-nosudo', answering({})), privilege: 'user' });
  transportContract({ name: 'ssh, through a jump host', open: () => open('node2-jump'), privilege: 'root' });
});

import { describe, expect, it } from 'vitest';
import type { HostAddress } from '../../src/core/model/address';
import { openTransport } from '../../src/host/openTransport';
import type { Questions, Transport } from '../../src/host/transport';
import { currentLab } from '../lab/client.mjs';
import { answering, noQuestions } from './hostQuestions';
import { failure, readAll, transportContract } from './transportContract';

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
  it('ends the stream to a UNIX socket when the other end hangs up', async () => {
    const transport = open('node1');
    // HTTP/1.0: the engine closes the connection after its answer.
    const stream = await transport.openStream({ kind: 'unixSocket', path: '/var/run/docker.sock' });
    stream.write('GET /_ping HTTP/1.0\r\n\r\n');
    expect((await readAll(stream)).toString()).toMatch(/^HTTP\/1\.0 200 OK[^]*OK$/);
    transport.dispose();
  });

  it('tells a user that a UNIX socket is not his', async () => {
    const transport = open('node1-nosudo', answering({}));
    expect((await failure(transport.openStream({ kind: 'unixSocket', path: '/var/run/docker.sock' }))).message).toMatch(/docker\.sock on node1-nosudo could not be opened over SSH/);
    transport.dispose();
  });

  transportContract({ name: 'ssh, through a jump host', open: () => open('node2-jump'), privilege: 'root' });
});

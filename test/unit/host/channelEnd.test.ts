import { PassThrough } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { CloseSignal } from '../../../src/host/closeSignal';
import { endOf } from '../../../src/host/ssh/exec';
import type { SshLink } from '../../../src/host/ssh/link';
import { TransportError } from '../../../src/host/transport';

/** A stand-in for a connection that counts who waits for its loss. */
function standInLink() {
  const signal = new CloseSignal();
  let waiting = 0;
  const link: Pick<SshLink, 'onLost' | 'gone'> = {
    gone: undefined,
    onLost: (listener) => {
      waiting += 1;
      const remove = signal.add(listener);
      return () => {
        waiting -= 1;
        remove();
      };
    },
  };
  return { link: link as SshLink, lose: (error: TransportError) => signal.fire(error), waiting: () => waiting };
}

const channelOf = () => Object.assign(new PassThrough(), { stderr: new PassThrough() });

describe('the end of a command over SSH (a stand-in for the connection)', () => {
  it('leaves nothing with the connection, which would hold its output as long as it stands', async () => {
    const { link, waiting } = standInLink();
    const channel = channelOf();
    const ended = endOf(link, channel as unknown as ClientChannel);
    expect(waiting()).toBe(1);
    channel.emit('exit', 3);
    channel.stderr.resume().end();
    channel.destroy();
    expect(await ended).toBe(3);
    expect(waiting()).toBe(0);
  });

  it('is the loss of the connection, where that comes first', async () => {
    const { link, lose } = standInLink();
    const ended = endOf(link, channelOf() as unknown as ClientChannel);
    lose(new TransportError('unreachable', 'The connection was lost.'));
    await expect(ended).rejects.toThrow('The connection was lost.');
  });
});

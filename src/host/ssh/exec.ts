import type { ClientChannel, ExecOptions } from 'ssh2';
import type { SshLink } from './link';

/** A command on the host, and how it ends. */
export interface StartedChannel {
  readonly channel: ClientChannel;
  readonly ended: Promise<number | undefined>;
}

/** The server would not open a session or start the command. */
export class SessionRefused extends Error {
  override readonly name = 'SessionRefused';
}

/** What a command prints and how it ends may come in one packet with the server's consent: who listens must do so at once. */
export function exec(link: SshLink, line: string, options: ExecOptions): Promise<StartedChannel> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => reject(new SessionRefused(error instanceof Error ? error.message : String(error), { cause: error }));
    try {
      link.client.exec(line, options, (error, channel) => {
        if (error) failed(error);
        else resolve({ channel, ended: endOf(link, channel) });
      });
    } catch (error) {
      failed(error);
    }
  });
}

/** Exit status once the channel is closed and read to its end; rejects where the connection went first. */
export function endOf(link: SshLink, channel: ClientChannel): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve, reject) => {
    let status: number | undefined;
    let exited = false;
    channel.on('exit', (code: number | null) => {
      exited = true;
      status = code ?? undefined;
    });
    const stderrEnd = new Promise<void>((done) => {
      channel.stderr.once('end', done).once('close', done);
    });
    const forget = link.onLost((error) => {
      if (!exited) reject(error);
    });
    channel.once('close', () => {
      forget();
      void stderrEnd.then(() => {
        if (exited || !link.gone) resolve(status);
        else reject(link.gone);
      });
    });
    channel.on('error', () => undefined);
  });
  // Told to whoever waits for it.
  ended.catch(() => undefined);
  return ended;
}

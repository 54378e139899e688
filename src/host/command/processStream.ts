import { Duplex, type Readable, type Writable } from 'node:stream';
import { TransportError } from '../transport';
import { lastLine, withoutReport } from './words';

/** A started command whose standard input and output are one byte stream, or a socket over SSH. */
export interface StreamParts {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** As `Running.ended`. */
  readonly ended: Promise<number | undefined>;
  kill(stderr: string): void;
  readonly title: string;
  readonly mark: string | undefined;
  readonly preface: string;
  /** A socket's: its end comes with its output's, and no status does. */
  readonly isSocket?: boolean;
}

const maxErrorCharacters = 4096;

/** Reading side ends with the command's output; a command that fails destroys the stream with what it said; destroying ends the command. */
export class ProcessStream extends Duplex {
  #stderr = '';
  #ended = false;

  constructor(private readonly parts: StreamParts) {
    // Once the output has ended there is nobody to write to: the stream then closes by itself.
    super({ allowHalfOpen: false });
    const { stdin, stdout, stderr } = parts;
    stdin.on('error', () => undefined);
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on('error', (error) => this.destroy(error));
    if (parts.isSocket === true) {
      // Whoever was at the other end has hung up; an SSH server waits for us to do the same.
      stdout.once('end', () => {
        this.push(null);
        stdin.end();
      });
    }
    stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < maxErrorCharacters) this.#stderr += chunk.toString('utf8');
    });
    stderr.on('error', () => undefined);
    if (parts.preface !== '') stdin.write(parts.preface);
    parts.ended.then(
      (code) => {
        this.#ended = true;
        if (parts.isSocket === true || this.readableEnded) return;
        if (code === 0) this.push(null);
        else this.destroy(this.#failure(code));
      },
      (error: unknown) => {
        this.#ended = true;
        // Whoever has read it to its end has lost nothing.
        if (this.readableEnded) this.destroy();
        else this.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  override _read(): void {
    this.parts.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.parts.stdin.write(chunk)) callback();
    else waitForDrain(this.parts.stdin, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.parts.stdin.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.parts.stdin.destroy();
    if (!this.#ended) this.parts.kill(this.#stderr);
    callback(error);
  }

  #failure(code: number | undefined): TransportError {
    const said = lastLine(withoutReport(this.#stderr, this.parts.mark));
    const how = code === undefined ? 'was ended by a signal' : `ended with status ${String(code)}`;
    return new TransportError('failed', `${this.parts.title} ${how}${said === '' ? '' : `: ${said}`}.`);
  }
}

function waitForDrain(stream: Writable, callback: () => void): void {
  const done = () => {
    stream.off('drain', done);
    stream.off('close', done);
    callback();
  };
  stream.once('drain', done);
  stream.once('close', done);
}

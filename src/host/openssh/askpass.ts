import { randomBytes, timingSafeEqual } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import helper from './askpass.sh?raw';

/** What ssh wants to know or to tell. */
export interface AskedPrompt {
  readonly prompt: string;
  /** SSH_ASKPASS_PROMPT (ssh(1)): `confirm` for yes or no, `none` where nothing is to be answered; undefined for a line of text. */
  readonly hint: string | undefined;
  /** Aborts when ssh no longer waits. */
  readonly signal: AbortSignal;
}

/** Undefined where nothing is answered. */
export type AnswerPrompt = (asked: AskedPrompt) => Promise<string | undefined>;

export interface Askpass {
  /** For the ssh that is to ask here. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

const maxQuestionCharacters = 16 * 1024;

/** Answers the prompts of the ssh that is started with its environment. `folder` must be the user's alone; a program and a socket are put there. */
export async function openAskpass(folder: string, answer: AnswerPrompt): Promise<Askpass> {
  const token = randomBytes(24).toString('hex');
  const program = join(folder, 'askpass');
  const socketPath = join(folder, 'ask');
  await writeFile(program, helper, { mode: 0o700 });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, token, answer);
  });
  await listen(server, socketPath);
  return {
    environment: {
      SSH_ASKPASS: program,
      SSH_ASKPASS_REQUIRE: 'force',
      // Clients before OpenSSH 8.4 ask a program only where there is a display, whatever it is.
      DISPLAY: process.env['DISPLAY'] ?? 'none',
      NETNS_EXPLORER_ASKPASS_NODE: process.execPath,
      NETNS_EXPLORER_ASKPASS_SOCKET: socketPath,
      NETNS_EXPLORER_ASKPASS_TOKEN: token,
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serve(socket: Socket, token: string, answer: AnswerPrompt): void {
  const gone = new AbortController();
  let text = '';
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('close', () => gone.abort());
  const read = (data: string | Buffer): void => {
    text += String(data);
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= maxQuestionCharacters) return;
    socket.off('data', read);
    // What comes after the question is of no interest; it is read so that the end is noticed.
    socket.resume();
    const question = end < 0 ? undefined : parseQuestion(text.slice(0, end), token);
    if (question === undefined) {
      socket.destroy();
      return;
    }
    answer({ ...question, signal: gone.signal }).then(
      (given) => socket.end(JSON.stringify(given === undefined ? {} : { answer: given })),
      () => socket.destroy(),
    );
  };
  socket.on('data', read);
}

/** Undefined for whoever does not know the token. */
function parseQuestion(line: string, token: string): { prompt: string; hint: string | undefined } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { token: shown, prompt, hint } = value as Readonly<Record<string, unknown>>;
  if (typeof shown !== 'string' || typeof prompt !== 'string') return undefined;
  const [mine, theirs] = [Buffer.from(token), Buffer.from(shown)];
  if (mine.length !== theirs.length || !timingSafeEqual(mine, theirs)) return undefined;
  return { prompt, hint: typeof hint === 'string' ? hint : undefined };
}

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bridgeTokenVariable, bridgeUrlVariable } from '../bridge';

/** Callable by the suite, by name. */
export type BridgeHandlers = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

export interface BridgeServer {
  /** For the extension host's environment. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Listens on loopback for the suite's calls; each is `{ method, args }` and answers `{ result }` or `{ error }`. */
export async function startBridge(handlers: BridgeHandlers): Promise<BridgeServer> {
  const token = randomBytes(24).toString('hex');
  const server = createServer((request, response) => {
    void answer(request, response, token, handlers);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    environment: { [bridgeUrlVariable]: `http://127.0.0.1:${String(port)}/`, [bridgeTokenVariable]: token },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, token: string, handlers: BridgeHandlers): Promise<void> {
  const reply = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
    reply(403, { error: 'no or wrong token' });
    return;
  }
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, args } = JSON.parse(Buffer.concat(chunks).toString()) as { method: string; args: never[] };
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (handler === undefined) throw new Error(`The driver has no "${method}" here.`);
    reply(200, { result: await handler(...args) });
  } catch (error) {
    reply(200, { error: error instanceof Error ? error.message : String(error) });
  }
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

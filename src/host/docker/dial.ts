import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { printable } from '../command/words';
import { TransportError } from '../transport';
import type { ContextEndpoint } from './contextFiles';

const limitMs = 10_000;

/** For a sentence: where an engine listens. */
export function placeOf(endpoint: ContextEndpoint): string {
  if (endpoint.kind === 'socket') return printable(endpoint.path);
  return `tcp://${endpoint.host.includes(':') ? `[${printable(endpoint.host)}]` : printable(endpoint.host)}:${String(endpoint.port)}`;
}

/** A connection to an engine, with TLS where its context has it; half-closing works on it. @throws TransportError */
export function dial(endpoint: ContextEndpoint, signal: AbortSignal | undefined): Promise<Socket> {
  const place = placeOf(endpoint);
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new TransportError('cancelled', `Connecting to ${place} was cancelled.`));
      return;
    }
    const socket = start(endpoint);
    const timer = setTimeout(() => fail(new TransportError('unreachable', `${place} did not answer within ${String(limitMs / 1000)} s. See that the machine is up and that no firewall is in between.`)), limitMs);
    const cancel = () => fail(new TransportError('cancelled', `Connecting to ${place} was cancelled.`));
    const refused = (error: Error) => fail(dialFault(error, endpoint));
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      socket.off('error', refused);
    };
    const fail = (error: Error) => {
      done();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    socket.on('error', refused);
    socket.once(endpoint.kind === 'tcp' && endpoint.tls ? 'secureConnect' : 'connect', () => {
      done();
      // Notices a machine that is gone without a word.
      socket.setKeepAlive(true, 30_000);
      resolve(socket);
    });
  });
}

function start(endpoint: ContextEndpoint): Socket | TLSSocket {
  if (endpoint.kind === 'socket') return connectSocket({ path: endpoint.path, allowHalfOpen: true });
  const { host, port, tls } = endpoint;
  if (!tls) return connectSocket({ host, port, allowHalfOpen: true });
  return connectTls({
    host,
    port,
    // RFC 6066, 3: an address is no server name.
    ...(isIP(host) === 0 && { servername: host }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.client && { cert: tls.client.certificate, key: tls.client.key }),
    rejectUnauthorized: tls.verify,
    ALPNProtocols: ['http/1.1'],
  });
}

/** What a connection's error means, as one sentence. Names of errors: node:tls and OpenSSL's x509_vfy.h; alerts: RFC 8446, 6.2, as dockerd's crypto/tls sends them. */
export function dialFault(error: Error, endpoint: ContextEndpoint): TransportError {
  const place = placeOf(endpoint);
  const { code = '', message } = error as NodeJS.ErrnoException;
  const text = `${code} ${message}`;
  const fault = (kind: TransportError['code'], sentence: string) => new TransportError(kind, sentence, { cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return fault('unreachable', `Nothing listens on ${place}. See that the engine runs there, and that it listens on that address ("hosts" in its daemon.json).`);
    case 'ENOENT':
      return fault('unreachable', `There is no socket ${place}. See that the engine runs.`);
    case 'EACCES':
    case 'EPERM':
      return fault('no-permission', `You may not open ${place}. Add your user to the socket's group.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fault('unreachable', `The name in ${place} cannot be resolved. See the context's address and the network.`);
    case 'CERT_HAS_EXPIRED':
      return fault('host-key', `The certificate of the engine at ${place} has expired. Whoever runs it must renew it.`);
    case 'CERT_NOT_YET_VALID':
      return fault('host-key', `The certificate of the engine at ${place} is not valid yet. Compare the clocks of both machines.`);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fault('host-key', `The certificate of the engine at ${place} is for another name. Use the name that it is for in the context, or have it made for this one.`);
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return fault('host-key', `The certificate of the engine at ${place} is not signed by the context's CA. Somebody else may be answering; if the engine has a new CA, put it into the context as ca.pem.`);
  }
  if (/alert.*certificate.required|CERTIFICATE_REQUIRED/i.test(text)) return fault('authentication', `The engine at ${place} wants a client certificate, and the context has none. Make the context with "cert" and "key".`);
  if (/alert.*certificate.expired|CERTIFICATE_EXPIRED/i.test(text)) return fault('authentication', `The engine at ${place} refused the context's certificate because it has expired. Get a new one from whoever runs the engine.`);
  if (/alert.*(bad.certificate|unknown.ca|certificate.unknown|unsupported.certificate|access.denied|decrypt.error)|ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN)/i.test(text)) {
    return fault('authentication', `The engine at ${place} refused the context's certificate. It takes those that its own CA signed: get one from whoever runs it.`);
  }
  if (/wrong.version.number|packet.length.too.long|record.layer.failure|WRONG_VERSION_NUMBER|HTTP_REQUEST/i.test(text)) return fault('garbled', `What listens on ${place} speaks no TLS, and the context wants it. If the engine is really without TLS there, take ca, cert and key out of the context.`);
  if (/ECONNRESET|EPIPE|socket hang up|disconnected before secure/i.test(text)) return fault('unreachable', `${place} hung up before it answered. See the engine's log there; it may want TLS, or another certificate.`);
  return fault('unreachable', `${place} cannot be reached: ${printable(message).replace(/\.$/, '')}.`);
}

// The Docker Engine API of a lab host, spoken over its socket, which root reaches through /proc/PID/root.
import { request } from 'node:http';

export function engineApi(pid) {
  const socketPath = `/proc/${pid}/root/run/docker.sock`;

  /** @returns the decoded answer. @throws Error with the engine's own message. */
  return function call(method, path, body, { raw = false } = {}) {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : raw ? body : Buffer.from(JSON.stringify(body));
      const headers =
        payload === undefined ? {} : { 'content-type': raw ? 'application/x-tar' : 'application/json', 'content-length': payload.length };
      const outgoing = request({ socketPath, method, path, headers }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode >= 300 && answer.statusCode !== 304) {
            let message = text.trim();
            try {
              message = JSON.parse(text).message;
            } catch {
              // Not every fault is told as JSON; the text itself is then the message.
            }
            reject(new Error(`the engine refused ${method} ${path}: ${message}`));
            return;
          }
          try {
            resolve(text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text);
          } catch {
            // A stream of JSON lines, as image imports answer.
            resolve(text);
          }
        });
      });
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  };
}

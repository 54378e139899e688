// A second Docker engine on a lab host, which listens on the host's address alone and wants certificates, as engines without a shell beside them do.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execOn } from './client.mjs';
import { waitFor } from './wait.mjs';

const openssl = (...argv) => promisify(execFile)('openssl', argv);
const folder = '/run/docker-tls';
const bridge = 'docker-tls';
export const tlsPort = 2376;

/** Makes a CA in a folder: NAME.pem and NAME-key.pem. */
export async function makeCa(path, name) {
  await mkdir(path, { recursive: true });
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', join(path, `${name}-key.pem`), '-out', join(path, `${name}.pem`));
}

/** Makes a certificate that a CA of the folder signed: NAME.pem and NAME-key.pem. `days` may be negative: expired. `address`: an IP that it is for. */
export async function makeCertificate(path, ca, name, { address = '127.0.0.1', days = 2 } = {}) {
  const file = (suffix) => join(path, `${name}${suffix}`);
  await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', file('-key.pem'), '-out', file('.csr'));
  await writeFile(file('.ext'), `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  await openssl('x509', '-req', '-in', file('.csr'), '-CA', join(path, `${ca}.pem`), '-CAkey', join(path, `${ca}-key.pem`), '-CAcreateserial', '-days', String(days), '-extfile', file('.ext'), '-out', file('.pem'));
}

/**
 * Starts the engine with the certificates `ca`, `server` and `server-key` of a folder, and gives it the lab's image and a container "behind-tls" that was never started.
 * @returns its address
 */
export async function startTlsEngine(lab, host, certificates) {
  await stopTlsEngine(lab, host);
  for (const name of ['ca', 'server', 'server-key']) {
    await execOn(lab, host, ['sh', '-c', 'mkdir -p "$0" && umask 077 && cat >"$0/$1"', folder, `${name}.pem`], { input: await readFile(join(certificates, `${name}.pem`), 'utf8') });
  }
  const { address } = lab.hosts[host];
  // A bridge of its own: an engine with "--bridge none" deletes docker0 when it starts, which is the other engine's.
  const script = `ip link add ${bridge} type bridge && ip addr add 10.99.76.1/24 dev ${bridge} && setsid dockerd --host tcp://${address}:${tlsPort} --host unix://${folder}/docker.sock --tlsverify --tlscacert ${folder}/ca.pem --tlscert ${folder}/server.pem --tlskey ${folder}/server-key.pem \
    --data-root /var/lib/docker-tls --exec-root ${folder}/exec --pidfile ${folder}/pid --bridge ${bridge} --iptables=false --ip-forward=false --storage-driver vfs --insecure-registry ${lab.subnet} --log-level warn >>/var/log/dockerd-tls.log 2>&1 </dev/null &`;
  await execOn(lab, host, ['sh', '-c', script]);
  const docker = `docker -H unix://${folder}/docker.sock`;
  await waitFor('the engine behind TLS to answer', async () => (await execOn(lab, host, ['sh', '-c', `${docker} version`], { check: false })).code === 0, 30_000, 100);
  await execOn(lab, host, ['sh', '-c', `docker save net-tools | ${docker} load && ${docker} create --name behind-tls --network none net-tools true`]);
  return address;
}

/** What the engine itself says, by the docker program on its host. */
export async function askTlsEngine(lab, host, argv) {
  return (await execOn(lab, host, ['docker', '-H', `unix://${folder}/docker.sock`, ...argv])).stdout;
}

/** Ends it, with what ran in it. */
export async function stopTlsEngine(lab, host) {
  const end = [
    `docker -H unix://${folder}/docker.sock ps -aq 2>/dev/null | xargs -r docker -H unix://${folder}/docker.sock rm -f >/dev/null 2>&1`,
    `if [ -s ${folder}/pid ]; then p=$(cat ${folder}/pid); kill "$p"; n=0; while kill -0 "$p" 2>/dev/null && [ $n -lt 200 ]; do n=$((n + 1)); sleep 0.05; done; fi`,
    `rm -rf ${folder} /var/lib/docker-tls`,
    `ip link del ${bridge} 2>/dev/null || :`,
  ].join('\n');
  await execOn(lab, host, ['sh', '-c', end], { check: false });
}

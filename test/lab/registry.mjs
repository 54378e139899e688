// A stand-in for an image registry: it serves one image, made of the lab's (Debian's busybox and iproute2), by what an engine asks for in order to pull it (OCI distribution).
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Listens on an address; `reference` names the image, `asked` has the paths that were asked for. */
export async function startRegistry(address) {
  const folder = await mkdtemp(join(tmpdir(), 'netns-explorer-registry-'));
  const { stdout: layer } = await promisify(execFile)('sh', [fileURLToPath(new URL('image.sh', import.meta.url)), folder], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  await rm(folder, { recursive: true });
  const packed = gzipSync(layer, { level: 1 });
  const config = Buffer.from(JSON.stringify({ architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(layer)] }, history: [{ created: '2020-01-01T00:00:00Z' }] }));
  const kind = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: kind,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest: digestOf(config) },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: packed.length, digest: digestOf(packed) }],
    }),
  );
  const answers = new Map([
    ['/v2/', ['application/json', Buffer.from('{}')]],
    ['/v2/helper/manifests/latest', [kind, manifest]],
    [`/v2/helper/manifests/${digestOf(manifest)}`, [kind, manifest]],
    [`/v2/helper/blobs/${digestOf(config)}`, ['application/octet-stream', config]],
    [`/v2/helper/blobs/${digestOf(packed)}`, ['application/octet-stream', packed]],
  ]);
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const [type, body] = answers.get(request.url) ?? ['application/json', undefined];
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type, 'Docker-Distribution-API-Version': 'registry/2.0', ...(body && { 'Content-Length': body.length, 'Docker-Content-Digest': digestOf(body) }) });
    response.end(request.method === 'HEAD' ? undefined : (body ?? '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'));
  });
  server.listen(0, address);
  await once(server, 'listening');
  return { reference: `${address}:${server.address().port}/helper:latest`, asked, stop: () => server.close() };
}

// The Kubernetes Container Runtime Interface, as much of it as makes a pod: gRPC over a runtime's own socket. Debian 12 has no crictl. Types: cri.d.mts.
// Messages and field numbers: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto. Framing: gRPC over HTTP/2 (PROTOCOL-HTTP2.md in grpc/grpc).
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

/** Calls one method of runtime.v1.RuntimeService. @returns the answer's bytes @throws Error with what the runtime said */
function call(socket, method, request) {
  return new Promise((resolve, reject) => {
    const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
    const limit = setTimeout(() => session.destroy(new Error(`${method}: no answer within 60 s`)), 60_000);
    const fail = (error) => {
      clearTimeout(limit);
      session.destroy();
      reject(error);
    };
    session.once('error', fail);
    const stream = session.request({ ':method': 'POST', ':path': `/runtime.v1.RuntimeService/${method}`, 'content-type': 'application/grpc', te: 'trailers' });
    const parts = [];
    let status;
    const heard = (headers) => {
      if (headers['grpc-status'] !== undefined) status = { code: headers['grpc-status'], message: decodeURIComponent(headers['grpc-message'] ?? '') };
    };
    stream.on('response', heard).on('trailers', heard).on('data', (data) => parts.push(data)).on('error', fail);
    stream.on('end', () => {
      clearTimeout(limit);
      session.close();
      if (status?.code === '0') resolve(Buffer.concat(parts).subarray(5));
      else reject(new Error(`${method}: ${status?.message ?? 'ended without a status'}`));
    });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([head, request]));
  });
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

/** One field of bytes or text (wire type 2); nothing for what is absent. */
function field(number, value) {
  if (value === undefined) return Buffer.alloc(0);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

const message = (...fields) => Buffer.concat(fields);
const map = (number, entries) => message(...Object.entries(entries).map(([key, value]) => field(number, message(field(1, key), field(2, value)))));

/** The fields of wire types 0 and 2, by number, in their order. */
function fieldsOf(bytes) {
  const found = [];
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = number();
    if (tag % 8 === 0) found.push([Math.floor(tag / 8), number()]);
    else if (tag % 8 === 2) {
      const length = number();
      found.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
      at += length;
    } else throw new Error(`wire type ${tag % 8} is not read here`);
  }
  return found;
}

const textOf = (bytes, number) => fieldsOf(bytes).find(([each]) => each === number)?.[1].toString() ?? '';

/** Labels as the kubelet writes them (pkg/kubelet/types/labels.go). */
const podLabels = ({ name, namespace, uid }) => ({ 'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': namespace, 'io.kubernetes.pod.uid': uid });

const podConfig = (pod) =>
  message(
    field(1, message(field(1, pod.name), field(2, pod.uid), field(3, pod.namespace))),
    field(2, pod.name),
    map(6, podLabels(pod)),
    field(8, message(field(1, pod.cgroupParent))),
  );

export async function runPod(socket, pod) {
  const id = textOf(await call(socket, 'RunPodSandbox', field(1, podConfig(pod))), 1);
  const containers = {};
  for (const { name, image, command } of pod.containers) {
    const config = message(field(1, field(1, name)), field(2, field(1, image)), ...command.map((word) => field(3, word)), map(9, { ...podLabels(pod), 'io.kubernetes.container.name': name }));
    const created = textOf(await call(socket, 'CreateContainer', message(field(1, id), field(2, config), field(3, podConfig(pod)))), 1);
    await call(socket, 'StartContainer', field(1, created));
    containers[name] = created;
  }
  return { id, containers };
}

export async function removePod(socket, id) {
  await call(socket, 'StopPodSandbox', field(1, id));
  await call(socket, 'RemovePodSandbox', field(1, id));
}

export async function listPods(socket) {
  const answer = await call(socket, 'ListPodSandbox', Buffer.alloc(0));
  return fieldsOf(answer).map(([, item]) => {
    const metadata = fieldsOf(item).find(([each]) => each === 2)?.[1] ?? Buffer.alloc(0);
    return { id: textOf(item, 1), name: textOf(metadata, 1), uid: textOf(metadata, 2), namespace: textOf(metadata, 3) };
  });
}

import * as v from 'valibot';
import type { EngineContainer } from '../model/engine';
import { tamed } from './record';

/*
 * One entry of GET /containers/json?all=true (Docker Engine API 1.24 and newer, "ContainerList"; Podman's is the same with gaps).
 * A field that is missing or of another type counts as empty: one odd field must not hide a container.
 */

const text = v.fallback(v.string(), '');
const texts = v.fallback(v.array(v.string()), []);
const port = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535)), 0);

const AttachmentSchema = v.object({
  NetworkID: text,
  EndpointID: text,
  IPAddress: text,
  GlobalIPv6Address: text,
  MacAddress: text,
  Aliases: texts,
});

const ContainerSchema = v.object({
  Id: v.pipe(v.string(), v.nonEmpty()),
  Names: texts,
  Image: text,
  State: text,
  Status: text,
  Labels: v.fallback(v.record(v.string(), text), {}),
  HostConfig: v.fallback(v.object({ NetworkMode: text }), { NetworkMode: '' }),
  NetworkSettings: v.fallback(v.object({ Networks: v.fallback(v.record(v.string(), AttachmentSchema), {}) }), { Networks: {} }),
  Ports: v.fallback(v.array(v.object({ PrivatePort: port, PublicPort: port, IP: text, Type: text })), []),
});

/** @returns undefined for what is no container record (it has no id). */
export function parseEngineContainer(raw: unknown): EngineContainer | undefined {
  const result = v.safeParse(ContainerSchema, raw);
  if (!result.success) return undefined;
  const container = result.output;
  return {
    id: container.Id,
    name: nameOf(container.Names) ?? container.Id.slice(0, 12),
    image: container.Image,
    state: container.State,
    status: container.Status,
    networkMode: container.HostConfig.NetworkMode,
    labels: container.Labels,
    networks: Object.entries(container.NetworkSettings.Networks).map(([networkName, attachment]) => ({
      networkId: attachment.NetworkID,
      networkName,
      endpointId: attachment.EndpointID,
      ...(attachment.IPAddress !== '' && { ipv4: attachment.IPAddress }),
      ...(attachment.GlobalIPv6Address !== '' && { ipv6: attachment.GlobalIPv6Address }),
      ...(attachment.MacAddress !== '' && { mac: attachment.MacAddress.toLowerCase() }),
      ...(attachment.Aliases.length > 0 && { aliases: attachment.Aliases }),
    })),
    ports: container.Ports.map(({ PrivatePort, PublicPort, IP, Type }) => ({
      privatePort: PrivatePort,
      ...(PublicPort !== 0 && { publicPort: PublicPort }),
      ...(IP !== '' && { ip: IP }),
      type: Type,
    })),
    raw: tamed(withoutCommand(raw as Readonly<Record<string, unknown>>)),
  };
}

/** A container has one name of its own; names given by links hold a second slash. */
function nameOf(names: readonly string[]): string | undefined {
  const own = names.find((name) => !name.slice(1).includes('/')) ?? names[0];
  return own?.replace(/^\//, '');
}

/** Passwords are often given on a command line; nothing here needs it. */
function withoutCommand(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => key !== 'Command'));
}

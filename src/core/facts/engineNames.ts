import * as v from 'valibot';

/*
 * What gives a container its names in the engine's DNS: GET /containers/{id}/json, "ContainerInspect".
 * A field that is missing or of another type counts as empty.
 */

const text = v.fallback(v.string(), '');
const texts = v.fallback(v.array(v.string()), []);

const InspectSchema = v.object({
  Id: v.pipe(v.string(), v.nonEmpty()),
  Name: text,
  HostConfig: v.fallback(v.object({ Links: texts }), { Links: [] }),
  NetworkSettings: v.fallback(v.object({ Networks: v.fallback(v.record(v.string(), v.object({ NetworkID: text, IPAddress: text, GlobalIPv6Address: text, Aliases: texts, DNSNames: texts, Links: texts })), {}) }), { Networks: {} }),
});

/** Names of one container; hostile text. */
export interface ContainerNames {
  readonly id: string;
  readonly name: string;
  /** Legacy links of the default bridge: whom, and by which name. */
  readonly links: readonly LegacyLink[];
  readonly networks: readonly {
    readonly networkId: string;
    readonly addresses: readonly string[];
    /** Beside its name: aliases, and what newer engines list as all of its DNS names. */
    readonly aliases: readonly string[];
    readonly links: readonly LegacyLink[];
  }[];
}

export interface LegacyLink {
  readonly container: string;
  readonly alias: string;
}

/** @returns undefined for what is no container record (it has no id) */
export function parseContainerNames(raw: unknown): ContainerNames | undefined {
  const result = v.safeParse(InspectSchema, raw);
  if (!result.success) return undefined;
  const { Id, Name, HostConfig, NetworkSettings } = result.output;
  const name = Name.replace(/^\//, '');
  return {
    id: Id,
    name,
    links: HostConfig.Links.flatMap(linkOf),
    networks: Object.values(NetworkSettings.Networks).map(({ NetworkID, IPAddress, GlobalIPv6Address, Aliases, DNSNames, Links }) => ({
      networkId: NetworkID,
      addresses: [IPAddress, GlobalIPv6Address].filter((address) => address !== ''),
      aliases: [...new Set([...Aliases, ...DNSNames])].filter((alias) => alias !== name),
      links: Links.flatMap(linkOf),
    })),
  };
}

/** `/db:/web1/database` from inspect, `db:database` as it was given. */
function linkOf(link: string): LegacyLink[] {
  const at = link.lastIndexOf(':');
  const container = link.slice(0, at).replace(/^\//, '');
  const alias = link.slice(at + 1).replace(/^.*\//, '');
  return at < 1 || container === '' || alias === '' ? [] : [{ container, alias }];
}

import type { RuleTool } from '../../core/plan/outRules';
import type { Transport } from '../../host/transport';

/** Ends with 0 where there is nft and no iptables: then the host's own rules are nft's. */
export const nftAloneScript = '! command -v iptables >/dev/null && command -v nft >/dev/null';

/** What a host keeps its rules with: iptables, beside Docker's own, unless there is nft alone. @throws TransportError where the host is not reached */
export async function ruleToolOf(transport: Transport): Promise<RuleTool> {
  await transport.connect();
  const { code } = await transport.run({ argv: ['sh', '-c', nftAloneScript], privilege: 'root' }, { limitMs: 15_000 });
  return code === 0 ? 'nft' : 'iptables';
}

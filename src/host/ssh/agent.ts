import ssh2, { type ParsedKey } from 'ssh2';

type SignCallback = (error: Error | undefined, signature?: Buffer) => void;

/**
 * One key whose signature comes from elsewhere: an agent, or a key file that is unlocked only once the host has said
 * that it would take the key (which is what keeps a passphrase from being asked in vain).
 */
export class SingleKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  constructor(
    private readonly key: ParsedKey,
    private readonly signer: (data: Buffer, hash: string | undefined) => Promise<Buffer>,
  ) {
    super();
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.key]);
  }

  override sign(_key: ParsedKey, data: Buffer, options: unknown, callback?: SignCallback): void {
    const done = (typeof options === 'function' ? options : callback) as SignCallback;
    const hash = typeof options === 'object' && options !== null && 'hash' in options ? (options.hash as string | undefined) : undefined;
    this.signer(data, hash).then(
      (signature) => done(undefined, signature),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

/** A running ssh-agent's keys, those that ssh2 can use. Rejects where nothing answers at the socket. */
export function agentKeys(socket: string): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    ssh2.createAgent(socket).getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []).map((key) => ssh2.utils.parseKey(key as ParsedKey)).filter((key): key is ParsedKey => !(key instanceof Error)));
    });
  });
}

/** A signature by the agent. Rejects where it refuses: locked, removed meanwhile, or not confirmed (`ssh-add -c`). */
export function signWithAgent(socket: string, key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    ssh2.createAgent(socket).sign(key, data, hash === undefined ? {} : { hash: hash as 'sha256' }, (error, signature) => {
      if (error || signature === undefined) reject(error ?? new Error('the agent gave no signature'));
      else resolve(signature);
    });
  });
}

import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import { printable } from '../command/words';
import type { HostLog } from '../hostLog';
import { TransportError, type Questions } from '../transport';
import { agentKeys, signWithAgent, SingleKeyAgent } from './agent';
import { readIdentity, readPublicKey, unlock } from './identities';
import { fingerprint } from './knownHosts';
import type { SshSettings } from './parseSettings';

/** What a login needed, kept in memory for the next connection to the same host. */
export interface LoginSecrets {
  password: string | undefined;
  readonly unlocked: Map<string, ParsedKey>;
  /** Fingerprints of keys that the agent refused to sign with. */
  readonly refusedByAgent: Set<string>;
}

export function newLoginSecrets(): LoginSecrets {
  return { password: undefined, unlocked: new Map(), refusedByAgent: new Set() };
}

/** Thrown to begin again without one of the agent's keys: a login cannot go on after a signature that never came. */
export class AgentRefused extends Error {
  override readonly name = 'AgentRefused';
}

const passphraseAttempts = 3;
const agentLimitMs = 10_000;

/**
 * One login: which proof to offer next, given what the host still takes. In ssh's order (PreferredAuthentications): keys that the
 * configuration names and the agent holds, the agent's other keys, key files, then what a person must type.
 */
export class Authenticator {
  readonly #attempts: AsyncGenerator<AnyAuthMethod, undefined>;
  readonly #tried: string[] = [];
  readonly #notes: string[] = [];
  readonly #usedKeys = new Set<string>();
  #methodsLeft: readonly string[] = [];
  #partial = false;
  #typed: string | undefined;
  /** Where an answer to the host's own questions cannot be had; set by whoever runs the login. */
  onFailure: (error: unknown) => void = () => undefined;

  constructor(
    private readonly settings: SshSettings,
    /** `user@host`, for prompts and messages. */
    private readonly label: string,
    private readonly questions: Questions,
    private readonly secrets: LoginSecrets,
    private readonly log: HostLog,
  ) {
    this.#attempts = this.#all();
  }

  /** The next proof, or false where there is none left. @throws TransportError where a person declined; AgentRefused */
  async next(methodsLeft: readonly string[] | null, partialSuccess: boolean | null): Promise<AnyAuthMethod | false> {
    this.#methodsLeft = methodsLeft ?? [];
    this.#partial = partialSuccess === true;
    const { value } = await this.#attempts.next();
    return value ?? false;
  }

  /** Why nobody was let in: what was tried, and what could not be. */
  refused(): TransportError {
    const tried = this.#tried.length === 0 ? 'there was nothing to try' : `tried ${[...new Set(this.#tried)].join(', ')}`;
    const takes = this.#methodsLeft.length === 0 ? '' : `; it takes ${printable(this.#methodsLeft.join(', '))}`;
    const notes = this.#notes.length === 0 ? '' : ` ${this.#notes.map((note) => `${note}.`).join(' ')}`;
    return new TransportError(
      'authentication',
      `${this.label} refused the login (${tried}${takes}).${notes} Check the user name, and that your public key is in its authorized_keys.`,
    );
  }

  async *#all(): AsyncGenerator<AnyAuthMethod, undefined> {
    const { user: username, authentications } = this.settings;
    // The answer to "none" is the list of methods that the host takes (RFC 4252, 5.2).
    yield { type: 'none', username };
    for (let steps = 0; steps < 8; steps++) {
      this.#partial = false;
      for (const method of authentications) {
        if (!this.#methodsLeft.includes(method)) continue;
        for await (const attempt of this.#method(method)) {
          yield attempt;
          if (this.#wantsMore()) break;
        }
        if (this.#wantsMore()) break;
      }
      // A host that wants two proofs says so after the first; then what is left of its methods is gone through again.
      if (!this.#wantsMore()) return undefined;
    }
    return undefined;
  }

  /** Asked after a `yield`, in which `next` has changed it. */
  #wantsMore(): boolean {
    return this.#partial;
  }

  #method(method: string): AsyncGenerator<AnyAuthMethod> {
    switch (method) {
      case 'publickey':
        return this.#publicKey();
      case 'keyboard-interactive':
        return this.#keyboardInteractive();
      case 'password':
        return this.#password();
      default:
        return none();
    }
  }

  async *#publicKey(): AsyncGenerator<AnyAuthMethod> {
    const { identityFiles, identitiesOnly, certificateFiles } = this.settings;
    if (certificateFiles.length > 0) this.#note('the built-in SSH client cannot use certificates, and CertificateFile names one');
    const named = await this.#namedPublicKeys();
    const held = await this.#agentKeys();
    const isNamed = (key: ParsedKey) => named.has(printOf(key));
    for (const key of [...held.filter(isNamed), ...(identitiesOnly ? [] : held.filter((key) => !isNamed(key)))]) yield* this.#agentKey(key);
    for (const path of identityFiles) yield* this.#keyFile(path);
  }

  async #namedPublicKeys(): Promise<Set<string>> {
    const named = new Set<string>();
    for (const path of this.settings.identityFiles) {
      // IdentityFile may name the public half of a key that the agent holds.
      const publicKey = (await readPublicKey(`${path}.pub`)) ?? (await readPublicKey(path));
      if (publicKey) named.add(printOf(publicKey));
    }
    return named;
  }

  async #agentKeys(): Promise<ParsedKey[]> {
    const socket = this.settings.identityAgent;
    if (socket === undefined) return [];
    try {
      return await within(agentLimitMs, agentKeys(socket));
    } catch (error) {
      this.log.info(`The SSH agent at ${printable(socket)} gave no keys: ${printable(String(error))}`);
      return [];
    }
  }

  *#agentKey(key: ParsedKey): Generator<AnyAuthMethod, void> {
    const socket = this.settings.identityAgent;
    const print = printOf(key);
    if (socket === undefined || this.#usedKeys.has(print) || this.secrets.refusedByAgent.has(print)) return;
    this.#usedKeys.add(print);
    this.#tried.push(`the agent's key ${print}`);
    const agent = new SingleKeyAgent(key, async (data, hash) => {
      try {
        return await signWithAgent(socket, key, data, hash);
      } catch (error) {
        this.secrets.refusedByAgent.add(print);
        throw new AgentRefused(`the agent refused to sign with ${print}`, { cause: error });
      }
    });
    yield { type: 'agent', username: this.settings.user, agent };
  }

  async *#keyFile(path: string): AsyncGenerator<AnyAuthMethod> {
    const username = this.settings.user;
    const identity = await readIdentity(path);
    if (identity.kind === 'missing') return;
    if (identity.kind === 'unusable') {
      this.#note(`${printable(path)} ${identity.why}`);
      return;
    }
    if (identity.kind === 'open') {
      const print = printOf(identity.key);
      if (this.#usedKeys.has(print)) return;
      this.#usedKeys.add(print);
      this.#tried.push(`the key ${printable(path)}`);
      yield { type: 'publickey', username, key: identity.key };
      return;
    }
    const { publicKey, text } = identity;
    if (publicKey && this.#usedKeys.has(printOf(publicKey))) return;
    if (publicKey) this.#usedKeys.add(printOf(publicKey));
    this.#tried.push(`the key ${printable(path)}`);
    if (publicKey) {
      const agent = new SingleKeyAgent(publicKey, async (data, hash) => {
        const key = await this.#unlocked(path, text);
        const signature = key.sign(data, hash);
        if (signature instanceof Error) throw signature;
        return signature;
      });
      yield { type: 'agent', username, agent };
    } else {
      yield { type: 'publickey', username, key: await this.#unlocked(path, text) };
    }
  }

  async #unlocked(path: string, text: string): Promise<ParsedKey> {
    const before = this.secrets.unlocked.get(path);
    if (before) return before;
    const shown = printable(path);
    for (let attempt = 0; attempt < passphraseAttempts && !this.settings.batchMode; attempt++) {
      const prompt = `${attempt === 0 ? '' : 'That was not right. '}Passphrase for the key ${shown}`;
      const passphrase = await this.questions.secret({ kind: 'passphrase', prompt, host: this.label });
      if (passphrase === undefined) throw new TransportError('authentication', `${this.label} was not logged in to: no passphrase was given for ${shown}.`);
      const key = unlock(text, passphrase);
      if (key) {
        this.secrets.unlocked.set(path, key);
        return key;
      }
    }
    throw new TransportError(
      'authentication',
      this.settings.batchMode
        ? `${shown} needs a passphrase, and BatchMode in the SSH configuration forbids asking for it.`
        : `${this.label} was not logged in to: the passphrase for ${shown} was wrong ${String(passphraseAttempts)} times.`,
    );
  }

  async *#password(): AsyncGenerator<AnyAuthMethod> {
    const username = this.settings.user;
    if (this.secrets.password !== undefined) {
      this.#tried.push('the password given before');
      yield { type: 'password', username, password: this.secrets.password };
      // Only reached where the host did not take it.
      this.secrets.password = undefined;
    }
    for (let attempt = 0; attempt < this.settings.passwordPrompts && !this.settings.batchMode; attempt++) {
      const prompt = `${attempt === 0 ? '' : 'That was not right. '}Password for ${this.label}`;
      const password = await this.questions.secret({ kind: 'password', prompt, host: this.label });
      if (password === undefined) throw this.#declined('no password was given');
      this.#tried.push('a password');
      this.#typed = password;
      yield { type: 'password', username, password };
    }
  }

  /** To be called once the host has let us in: keeps what was typed for the next connection. */
  accepted(): void {
    if (this.#typed !== undefined) this.secrets.password = this.#typed;
  }

  async *#keyboardInteractive(): AsyncGenerator<AnyAuthMethod> {
    await Promise.resolve();
    for (let attempt = 0; attempt < this.settings.passwordPrompts && !this.settings.batchMode; attempt++) {
      this.#tried.push('keyboard-interactive');
      yield {
        type: 'keyboard-interactive',
        username: this.settings.user,
        prompt: (_name, instructions, _language, prompts, finish) => {
          this.#answer(instructions, prompts, attempt > 0).then(finish, (error: unknown) => this.onFailure(error));
        },
      };
    }
  }

  async #answer(instructions: string, prompts: readonly Prompt[], again: boolean): Promise<string[]> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      // The host's own words: shown as text, never trusted.
      const asked = printable(`${instructions} ${prompt}`).slice(0, 300) || 'Answer';
      const answer = await this.questions.secret({
        kind: 'keyboard-interactive',
        prompt: `${again ? 'That was not right. ' : ''}${asked} (${this.label})`,
        host: this.label,
        echo: echo ?? false,
      });
      if (answer === undefined) throw this.#declined('its question was not answered');
      answers.push(answer);
    }
    return answers;
  }

  #declined(why: string): TransportError {
    return new TransportError('authentication', `${this.label} was not logged in to: ${why}.`);
  }

  #note(note: string): void {
    if (!this.#notes.includes(note)) this.#notes.push(note);
  }
}

function printOf(key: ParsedKey): string {
  return fingerprint(key.getPublicSSH());
}

async function* none(): AsyncGenerator<AnyAuthMethod> {
  // A method that only the OpenSSH client has: nothing to offer.
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${String(milliseconds / 1000)} s`)), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

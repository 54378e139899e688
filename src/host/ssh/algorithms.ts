import type { Algorithms } from 'ssh2';
import type { SshSettings } from './parseSettings';

/*
 * What ssh2 1.x can negotiate, most preferred first (its README, "algorithms"; AES-GCM leads because it is fast in Node).
 * A configuration may allow less; it does not change this order, which is about speed and not about strength.
 */
const kex = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group-exchange-sha1',
] as const;
const hostKeys = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] as const;
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
  'aes256-cbc',
  'aes192-cbc',
  'aes128-cbc',
] as const;
const macs = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha1-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1'] as const;

/** What is used where the configuration says nothing: the above without what OpenSSH no longer offers by default. */
const outdated = new Set<string>(['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'ssh-rsa', 'aes256-cbc', 'aes192-cbc', 'aes128-cbc']);

/** A setting that leaves nothing that the built-in client knows. */
export interface NoCommonAlgorithm {
  readonly setting: string;
  readonly allowed: readonly string[];
}

/**
 * The algorithms to offer. `knownTypes` are the key types that known_hosts has for the host: they come first, so that a host with
 * several keys shows one that can be compared (order_hostkeyalgs in sshconnect2.c).
 */
export function chooseAlgorithms(settings: SshSettings, knownTypes: readonly string[]): Algorithms | NoCommonAlgorithm {
  const wanted = {
    KexAlgorithms: choose(kex, settings.kexAlgorithms),
    HostKeyAlgorithms: choose(hostKeys, settings.hostKeyAlgorithms),
    Ciphers: choose(ciphers, settings.ciphers),
    MACs: choose(macs, settings.macs),
  };
  for (const [setting, chosen] of Object.entries(wanted)) {
    if (chosen.length === 0) return { setting, allowed: settingOf(settings, setting) };
  }
  const known = (algorithm: string) => knownTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return {
    kex: wanted.KexAlgorithms,
    serverHostKey: [...wanted.HostKeyAlgorithms.filter(known), ...wanted.HostKeyAlgorithms.filter((algorithm) => !known(algorithm))],
    cipher: wanted.Ciphers,
    hmac: wanted.MACs,
  };
}

function choose<Name extends string>(supported: readonly Name[], allowed: readonly string[]): Name[] {
  return supported.filter((name) => (allowed.length === 0 ? !outdated.has(name) : allowed.includes(name)));
}

function settingOf(settings: SshSettings, setting: string): readonly string[] {
  switch (setting) {
    case 'KexAlgorithms':
      return settings.kexAlgorithms;
    case 'HostKeyAlgorithms':
      return settings.hostKeyAlgorithms;
    case 'Ciphers':
      return settings.ciphers;
    default:
      return settings.macs;
  }
}

import { printable } from '../command/words';

/** What a prompt of OpenSSH's client asks for. Its words: sshconnect.c, sshconnect2.c, readpass.c. */
export type Prompt =
  | { readonly kind: 'hostKey'; readonly host: string; readonly keyType: string; readonly fingerprint: string; readonly note?: string }
  /** A password or passphrase stays right for the next connection; an answer to the host's own question may not. */
  | { readonly kind: 'password' | 'passphrase'; readonly text: string }
  | { readonly kind: 'keyboard-interactive'; readonly text: string; readonly echo: boolean }
  /** To be shown until ssh goes on: "Confirm user presence for key …". */
  | { readonly kind: 'notice'; readonly text: string };

const hostKey = /^The authenticity of host '([^\n]*)' can't be established\.?\n/;
const keyLine = /^(\S+) key fingerprint is (\S+?)\.?$/m;
const known = /^This host key is known by the following other names\/addresses:\n((?: {4}[^\n]*\n?)+)/m;

export function parsePrompt(prompt: string, hint: string | undefined): Prompt {
  const text = printable(prompt).slice(0, 400);
  if (hint === 'none') return { kind: 'notice', text };
  const host = hostKey.exec(prompt)?.[1];
  const key = keyLine.exec(prompt);
  if (host !== undefined && key?.[1] !== undefined && key[2] !== undefined) {
    const others = known.exec(prompt)?.[1];
    return {
      kind: 'hostKey',
      host: printable(host),
      keyType: printable(key[1]),
      fingerprint: printable(key[2]),
      ...(others !== undefined && { note: `The same key is known for: ${others.split('\n').map((line) => printable(line)).filter((line) => line !== '').join('; ')}.` }),
    };
  }
  if (/^Enter (?:passphrase|PIN) for /.test(text)) return { kind: 'passphrase', text };
  if (/'s password:$/.test(text)) return { kind: 'password', text };
  return { kind: 'keyboard-interactive', text, echo: hint === 'confirm' || /\(yes\/no/.test(text) };
}

/** What stands for a value that is not shown. */
export const hiddenValue = '…';

/** Names whose value is a secret, such as the log option splunk-token or flannel's PSK. TLS settings name files, and are none. */
export const secretName = /token|secret|passw|credential|auth|^psk$|(?:access|api|account|private|preshared|encryption)[-_.]?key/i;

/** Who logs in by a URL is nobody's business: `http://user:word@host`. */
export function withoutLogins(text: string): string {
  // The word may hold an @ or a slash that nobody has escaped. Bounded, for a hostile text may be all `://`.
  return text.replace(/:\/\/[^\s"'<>]{0,500}@/g, '://…@');
}

import type { Questions } from '../../src/host/transport';

type Secret = Parameters<Questions['secret']>[0];
type HostKey = Parameters<Questions['unknownHostKey']>[0];

/** For connections that must not ask anything. */
export const noQuestions: Questions = {
  unknownHostKey: (question) => Promise.reject(new Error(`asked about a host key: ${JSON.stringify(question)}`)),
  secret: (question) => Promise.reject(new Error(`asked for a secret: ${JSON.stringify(question)}`)),
};

/** Answers from a list, in order, and remembers what was asked; declines when the list is at its end. */
export function answering(answers: { readonly secrets?: readonly (string | undefined)[]; readonly hostKey?: boolean }): Questions & { readonly secretsAsked: Secret[]; readonly hostKeysAsked: HostKey[] } {
  const secrets = [...(answers.secrets ?? [])];
  const secretsAsked: Secret[] = [];
  const hostKeysAsked: HostKey[] = [];
  return {
    secretsAsked,
    hostKeysAsked,
    unknownHostKey: (question) => {
      hostKeysAsked.push(question);
      return Promise.resolve(answers.hostKey ?? false);
    },
    secret: (question) => {
      secretsAsked.push(question);
      return Promise.resolve(secrets.shift());
    },
  };
}

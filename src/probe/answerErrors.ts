import type { HostFacts, NamespaceKey, ReadError } from '../core/model/snapshot';
import type { Frame } from './frames';

/** Something that kept a part of a namespace from being read. */
export interface Trouble {
  readonly kind: 'vanished' | 'hidden' | 'failed' | 'garbled' | 'late' | 'cut';
  readonly key: NamespaceKey;
  /** Which part: links, routes, neighbours, fdb, vlans, enter. */
  readonly part?: string;
  readonly code?: number;
  /** What the tool printed. */
  readonly complaint?: string;
}

interface Told {
  readonly host: HostFacts;
  readonly troubles: readonly Trouble[];
  readonly late: boolean;
  readonly ended: boolean;
  readonly cut: Frame | undefined;
  /** Whether the list of namespaces came. */
  readonly indexed: boolean;
  /** Namespaces that are known by bind mounts in other mount namespaces alone. */
  readonly elsewhere: ReadonlySet<NamespaceKey>;
  /** Mount namespaces whose tables were not looked at. */
  readonly unsearched: number;
  /** Why a dear source was not looked into: an old kernel, or no awk. */
  readonly unlooked: readonly ('old' | 'awk')[];
}

const forbidden = /operation not permitted|permission denied/i;
// ENOENT and ESRCH for a process that ended, EINVAL for a mount that is gone (setns(2)).
const gone = /no such file or directory|no such process|invalid argument/i;
const notInstalled = 127;

/** The sentences for what could not be read. What many namespaces have in common is said once, of the host. */
export function answerErrors(told: Told): readonly ReadError[] {
  const errors: ReadError[] = [...toolErrors(told.host)];
  if (told.indexed && told.host.ownNamespace === undefined) {
    errors.push({
      place: { kind: 'host' },
      code: 'tool-missing',
      message: 'The namespaces of processes could not be told apart: stat or /proc is missing on this host. Install coreutils or busybox there, and see that /proc is mounted.',
    });
  }
  if (told.unsearched > 0) {
    const count = told.unsearched === 1 ? 'another mount namespace' : `${String(told.unsearched)} other mount namespaces`;
    errors.push({
      place: { kind: 'host' },
      code: 'tool-missing',
      message: `awk is not installed, so namespaces that are bind-mounted only in ${count} are not shown. Install mawk, gawk or busybox on the host.`,
    });
  }
  for (const reason of told.unlooked) errors.push({ place: { kind: 'host' }, ...unlookedWords[reason] });
  const shared = new Set<Trouble>();
  const share = (of: (trouble: Trouble) => boolean, make: (troubles: readonly Trouble[]) => Omit<ReadError, 'place'>): void => {
    const found = told.troubles.filter((trouble) => !shared.has(trouble) && of(trouble));
    if (found.length === 0) return;
    for (const trouble of found) shared.add(trouble);
    errors.push({ place: { kind: 'host' }, ...make(found) });
  };
  // To a user, a namespace whose files are root's (/run/docker is) is as closed as one that refuses to be entered.
  const refused = ({ kind, complaint = '' }: Trouble): boolean => (kind === 'failed' && forbidden.test(complaint)) || (kind === 'hidden' && told.host.uid !== 0);
  if (told.host.uid !== 0 || told.troubles.some(refused)) {
    const found = told.troubles.filter(refused);
    for (const trouble of found) shared.add(trouble);
    errors.push({ place: { kind: 'host' }, code: 'no-permission', ...permissionWords(told.host, found) });
  }
  share(
    (trouble) => trouble.code === notInstalled && trouble.part === 'enter',
    (found) => ({
      code: 'tool-missing',
      message: `nsenter is not installed, so ${namespaces(found)} could not be entered. Install util-linux on the host.`,
    }),
  );
  share(
    (trouble) => trouble.code === notInstalled && trouble.part === 'fdb',
    (found) => ({
      code: 'tool-missing',
      message: `bridge is not installed, so the forwarding databases of ${namespaces(found)} could not be read. Install iproute2 on the host.`,
    }),
  );
  share(
    ({ kind, key }) => kind === 'hidden' && told.elsewhere.has(key),
    (found) => ({
      code: 'failed',
      message: `${capital(namespaces(found))} could not be read: only bind mounts in other mount namespaces hold ${one(found) ? 'it' : 'them'}, and other mounts cover those. Unmounting there, or ending the processes of those mount namespaces, frees what is held.`,
    }),
  );
  for (const trouble of told.troubles) if (!shared.has(trouble)) errors.push(namespaceError(trouble, told));
  if (told.late) {
    errors.push({
      place: { kind: 'host' },
      code: 'time-limit',
      message: 'The host took longer than the scan may, so not everything was read. Read it again, or raise the time limit.',
    });
  } else if (!told.ended) {
    errors.push({
      place: { kind: 'host' },
      code: 'truncated',
      message: told.indexed
        ? 'The answer of the host was cut off, so not everything was read. Read it again.'
        : 'The answer of the host was cut off before it said which namespaces there are. Read it again.',
      ...(told.cut && { detail: printable(`${told.cut.kind} ${told.cut.words.join(' ')}`) }),
    });
  }
  return errors;
}

const unlookedWords: Readonly<Record<'old' | 'awk', Pick<ReadError, 'code' | 'message'>>> = {
  old: { code: 'tool-too-old', message: "The kernel of this host does not tell what a process's descriptors are, so namespaces that only a descriptor holds are not shown. Linux 5.14 and newer tell it." },
  awk: { code: 'tool-missing', message: 'awk is not installed, so namespaces that only a thread is in are not shown. Install mawk, gawk or busybox on the host.' },
};

function toolErrors(host: HostFacts): readonly ReadError[] {
  const place = { kind: 'host' } as const;
  const detail = host.ipVersion === undefined ? {} : { detail: printable(host.ipVersion) };
  switch (host.ip) {
    case 'json':
      return [];
    case 'text':
      return [
        {
          place,
          code: 'tool-too-old',
          message: 'The iproute2 of this host is too old to print JSON. Its text was read instead, which leaves details out; iproute2 4.17 or newer gives all of them.',
          ...detail,
        },
      ];
    case 'busybox':
      return [
        {
          place,
          code: 'tool-missing',
          message: "This host has only busybox's ip, which tells no kinds of links, no VXLAN settings and no bridge ports. Install iproute2 on the host to see them.",
          ...detail,
        },
      ];
    case 'none':
      return [{ place, code: 'tool-missing', message: 'There is no ip command on this host, so no namespace could be read. Install iproute2 there.' }];
  }
}

function permissionWords(host: HostFacts, refused: readonly Trouble[]): Pick<ReadError, 'message' | 'detail'> {
  const detail = firstLines(refused.find(({ kind }) => kind === 'failed')?.complaint ?? '');
  const message =
    host.uid === 0
      ? `Root may not enter ${namespaces(refused)} here: it lacks the capability CAP_SYS_ADMIN. Connect to the host itself, not to a container on it.`
      : refused.length === 0
        ? 'This user sees only its own processes, so namespaces of others may be missing. Connect as root, or allow sudo, to see all of them.'
        : `Only root may enter ${namespaces(refused)} of this host, so what is in ${one(refused) ? 'it' : 'them'} is not shown; nor are the processes of others. Log in as root, or allow sudo for this user.`;
  return { message, ...(detail !== '' && { detail }) };
}

function namespaceError(trouble: Trouble, told: Told): ReadError {
  const place = { kind: 'namespace', key: trouble.key } as const;
  const detail = firstLines(trouble.complaint ?? '');
  const said = detail === '' ? {} : { detail };
  const part = partName(trouble.part ?? '');
  switch (trouble.kind) {
    case 'vanished':
      return { place, code: 'vanished', message: 'The namespace went away while it was being read. Read the host again.' };
    case 'hidden':
      return {
        place,
        code: 'failed',
        message: 'No path leads to this namespace any more: it has no process, and another mount covers its own. Unmounting that frees it. Its content could not be read.',
      };
    case 'late':
      return { place, code: 'time-limit', message: 'The scan reached its time limit before this namespace was read. Read it again, or raise the time limit.' };
    case 'cut':
      return told.ended
        ? { place, code: 'failed', message: 'The host did not answer for this namespace. Read it again.' }
        : { place, code: 'truncated', message: 'The answer was cut off before this namespace. Read it again.' };
    case 'garbled':
      return { place, code: 'garbled', message: `What the host printed for the ${part} of this namespace is not what ip or bridge prints; what could be read of it is shown.`, ...said };
    case 'failed':
      return /^\S*nsenter:/.test(trouble.complaint ?? '') && gone.test(trouble.complaint ?? '')
        ? { place, code: 'vanished', message: 'The namespace went away while it was being read. Read the host again.', ...said }
        : { place, code: 'failed', message: `The ${part} of this namespace could not be read: the command ended with status ${String(trouble.code ?? '?')}.`, ...said };
  }
}

const partNames = new Map(Object.entries({
  links: 'links',
  'links-text': 'links',
  routes: 'routes',
  'routes-text': 'routes',
  neighbours: 'neighbours',
  'neighbours-text': 'neighbours',
  fdb: 'forwarding database',
  'fdb-text': 'forwarding database',
  vlans: 'VLANs of bridge ports',
  'vlans-text': 'VLANs of bridge ports',
}));

const partName = (part: string): string => partNames.get(part) ?? (part === '' ? 'content' : printable(part));

function namespaces(troubles: readonly Trouble[]): string {
  return one(troubles) ? 'one network namespace' : `${String(keysOf(troubles).size)} network namespaces`;
}

const keysOf = (troubles: readonly Trouble[]): ReadonlySet<NamespaceKey> => new Set(troubles.map(({ key }) => key));

const one = (troubles: readonly Trouble[]): boolean => keysOf(troubles).size === 1;

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 3).map(printable).join('\n').trim();
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 200);
}

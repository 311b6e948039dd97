import { PackageNotLoaded } from './package-source.js';

/** The source of a package, by the form of its location. */
export type PackageLocation =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'git'; readonly url: string; readonly branch?: string; readonly folder?: string };

/** `https://<host>/<owner>/<repository>[/tree/<branch>[/<folder>]]` */
const TREE = /^(?<repository>\/.+?)\/tree\/(?<branch>[^/]+)(?:\/(?<folder>.+))?$/;

/** @throws PackageNotLoaded for what is not a location; its message is for the person who registered the package */
export function parseLocation(location: string): PackageLocation {
  if (/[\p{Cc}\p{Cs}]/u.test(location) || location.length > 2_000)
    throw refuse('must be at most 2,000 characters, none of them a control character');
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(location) ?? [];
  if (scheme === undefined) {
    if (/^[^/]+@[^/]+:/.test(location)) throw refuse('is a repository over ssh: give its https:// address');
    return { kind: 'folder', path: location };
  }
  if (scheme !== 'https' && scheme !== 'http')
    throw refuse(`must be a folder or the https:// address of a git repository; ${scheme}: is not supported`);
  return gitLocation(location);
}

function gitLocation(location: string): PackageLocation {
  if (!URL.canParse(location)) throw refuse('is not a URL');
  const url = new URL(location);
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password');
  // Without TLS only on this machine, and only where the network policy allows it.
  if (url.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw refuse('must begin with https://');
  const { repository = url.pathname, branch, folder } = TREE.exec(url.pathname)?.groups ?? {};
  url.search = '';
  url.hash = '';
  url.pathname = repository;
  return {
    kind: 'git',
    url: url.href,
    ...(branch !== undefined && { branch: decoded(branch) }),
    ...(folder !== undefined && { folder: decoded(folder) }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse('is not a URL');
  }
}

const refuse = (why: string): PackageNotLoaded => new PackageNotLoaded('missing', `Its location ${why}.`);

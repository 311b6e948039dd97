import { posix } from 'node:path';
import { guardedFetch, TargetRefused, type AllowedTargets } from '@signalbox/network-policy';
import git, { type HttpClient } from 'isomorphic-git';
import { PackageNotLoaded } from '../source/package-source.js';
import { beginningOf, type FindFile } from '../source/read-package.js';
import { checkPack, PackRefused } from './check-pack.rules.js';
import { memoryFiles } from './memory-files.js';

/** Never aborted: the end of the process ends all of its requests. */
const ENDED_FROM_OUTSIDE = new AbortController().signal;
/** Largest ratio of unpacked to fetched bytes. Source code compresses to a fourth or a fifth. */
const UNPACKED_TIMES = 8;
/** In memory, as all files of the repository. */
const dir = '/repository';

export interface GitSource {
  readonly url: string;
  /** Undefined: its default branch. */
  readonly branch?: string;
  readonly rules: AllowedTargets;
  /** Most bytes that are fetched. */
  readonly maxBytes: number;
}

/**
 * Fetches the newest commit of a branch and nothing else of the repository, and lets `read` read its files. Nothing is checked out:
 * files are read from the pack, so that no path or link of the repository refers to a file of this machine.
 * @throws PackageNotLoaded
 */
export async function withGitRepository<Result>(
  { url, branch, rules, maxBytes }: GitSource,
  read: (findIn: (folder: string) => FindFile) => Promise<Result>,
): Promise<Result> {
  const cache = {};
  // The library writes a pack before it unpacks it.
  const fs = memoryFiles((path, content) => {
    if (path.endsWith('.pack')) checkPack(content, maxBytes * UNPACKED_TIMES);
  });
  const http = guardedHttp({ rules, maxBytes });
  await git
    .clone({
      fs,
      http,
      dir,
      url,
      depth: 1,
      singleBranch: true,
      noCheckout: true,
      noTags: true,
      cache,
      ...(branch !== undefined && { ref: branch }),
    })
    .catch((error: unknown) => {
      throw notLoaded(error, { url, branch });
    });
  const oid = await git.resolveRef({ fs, dir, ref: 'HEAD' }).catch(() => {
    throw new PackageNotLoaded('missing', `The repository ${url} has no commit.`);
  });
  return read((folder) => async (name, maxFileBytes) => {
    try {
      const { blob } = await git.readBlob({ fs, dir, oid, cache, filepath: posix.join(folder, name) });
      return beginningOf(blob, maxFileBytes);
    } catch (error) {
      if (error instanceof git.Errors.NotFoundError || error instanceof git.Errors.ObjectTypeError) return undefined;
      if (error instanceof git.Errors.InvalidFilepathError)
        throw new PackageNotLoaded('missing', `Its location names a folder that cannot be in a repository: ${folder}.`);
      throw error;
    }
  });
}

/** The library's HTTP client: connects to allowed targets only, follows no redirect, and reads at most `maxBytes`. */
function guardedHttp({ rules, maxBytes }: Pick<GitSource, 'rules' | 'maxBytes'>): HttpClient {
  let left = maxBytes;
  return {
    async request({ url, method = 'GET', headers = {}, body }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk);
      const response = await guardedFetch(
        {
          url: new URL(url),
          method: method as 'GET' | 'POST',
          headers,
          signal: ENDED_FROM_OUTSIDE,
          maxBytes: left,
          ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
        },
        rules,
      );
      left -= response.body.length;
      return {
        url,
        method,
        statusCode: response.status,
        statusMessage: '',
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
        body: once(response.body),
      };
    },
  };
}

async function* once(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

function notLoaded(error: unknown, { url, branch }: { url: string; branch: string | undefined }): PackageNotLoaded {
  if (error instanceof PackRefused)
    return new PackageNotLoaded('missing', `The repository ${url} is not read: ${error.message}.`);
  if (error instanceof TargetRefused)
    return new PackageNotLoaded('missing', `Its repository may not be fetched: ${error.message}.`);
  if (error instanceof git.Errors.NotFoundError)
    return new PackageNotLoaded(
      'missing',
      branch === undefined ? `The repository ${url} has no commit.` : `The repository ${url} has no branch ${branch}.`,
    );
  if (error instanceof git.Errors.HttpError) {
    const { statusCode } = error.data;
    const missing = statusCode === 404 || statusCode === 401 || statusCode === 403;
    return new PackageNotLoaded(
      missing ? 'missing' : 'unavailable',
      `${url} answers ${statusCode}${missing ? ': there is no repository that everybody may read' : ''}.`,
    );
  }
  if (error instanceof git.Errors.SmartHttpError)
    return new PackageNotLoaded('missing', `${url} is no git repository.`);
  return new PackageNotLoaded(
    'unavailable',
    `The repository ${url} cannot be fetched: ${error instanceof Error ? error.message : String(error)}.`,
  );
}

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { guardedFetch, TargetRefused, type TargetRules } from '@signalbox/network-policy';
import git, { type HttpClient } from 'isomorphic-git';
import { PackageNotLoaded } from './package-source.js';
import { beginningOf, type FindFile } from './read-package.js';

const DEADLINE_MS = 60_000;

export interface GitSource {
  readonly url: string;
  /** Undefined: its default branch. */
  readonly branch?: string;
}

export interface GitOptions {
  /** For what is fetched, and only until it is read. */
  readonly scratchFolder: string;
  readonly rules: TargetRules;
  /** Most that is fetched of it. */
  readonly maxBytes: number;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches the newest commit of a branch, and nothing else of the repository, lets `read` look at its files, and throws it away.
 * Nothing is checked out: files are read from the pack, so no path or link of the repository means anything on this machine.
 * @throws PackageNotLoaded
 */
export async function withGitRepository<Result>({ url, branch }: GitSource, { scratchFolder, rules, maxBytes, signal }: GitOptions, read: (findIn: (folder: string) => FindFile) => Promise<Result>): Promise<Result> {
  const dir = join(scratchFolder, randomUUID());
  const cache = {};
  await mkdir(dir, { recursive: true });
  try {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const http = guardedHttp({ rules, maxBytes, signal: signal ? AbortSignal.any([deadline, signal]) : deadline });
    await git.clone({ fs, http, dir, url, depth: 1, singleBranch: true, noCheckout: true, noTags: true, cache, ...(branch !== undefined && { ref: branch }) }).catch((error: unknown) => {
      throw notLoaded(error, { url, ...(branch !== undefined && { branch }) });
    });
    const oid = await git.resolveRef({ fs, dir, ref: 'HEAD' }).catch(() => {
      throw new PackageNotLoaded('missing', `The repository ${url} has no commit.`);
    });
    return await read((folder) => async (name, maxBytes) => {
      try {
        const { blob } = await git.readBlob({ fs, dir, oid, cache, filepath: posix.join(folder, name) });
        return beginningOf(blob, maxBytes);
      } catch (error) {
        if (error instanceof git.Errors.NotFoundError || error instanceof git.Errors.ObjectTypeError) return undefined;
        throw error;
      }
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The library's way to the network: where it is allowed, no further than it is told, and only so much. */
function guardedHttp({ rules, maxBytes, signal }: { rules: TargetRules; maxBytes: number; signal: AbortSignal }): HttpClient {
  let left = maxBytes;
  return {
    async request({ url, method = 'GET', headers = {}, body }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk);
      const response = await guardedFetch({ url: new URL(url), method: method as 'GET' | 'POST', headers, signal, maxBytes: left, ...(chunks.length > 0 && { body: Buffer.concat(chunks) }) }, rules);
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

function notLoaded(error: unknown, { url, branch }: GitSource): PackageNotLoaded {
  if (error instanceof TargetRefused) return new PackageNotLoaded('missing', `Its repository may not be fetched: ${error.message}.`);
  if (error instanceof git.Errors.NotFoundError) return new PackageNotLoaded('missing', branch === undefined ? `The repository ${url} has no commit.` : `The repository ${url} has no branch ${branch}.`);
  if (error instanceof git.Errors.HttpError) {
    const { statusCode } = error.data;
    const missing = statusCode === 404 || statusCode === 401 || statusCode === 403;
    return new PackageNotLoaded(missing ? 'missing' : 'unavailable', `${url} answers ${statusCode}${missing ? ': there is no repository that everybody may read' : ''}.`);
  }
  if (error instanceof git.Errors.SmartHttpError) return new PackageNotLoaded('missing', `${url} is no git repository.`);
  return new PackageNotLoaded('unavailable', `The repository ${url} cannot be fetched: ${error instanceof Error ? error.message : String(error)}.`);
}

import { posix } from 'node:path';
import type { PromiseFsClient } from 'isomorphic-git';

/** What the library needs of a file system. */
type Files = PromiseFsClient['promises'];

const fileError = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });

/**
 * A file system in memory, for a repository that is read once: nothing of it reaches the disk, nothing is left of it, and the limit of
 * the process's memory bounds it. @param onWrite may refuse a file by throwing
 */
export function memoryFiles(onWrite: (path: string, content: Buffer) => void): PromiseFsClient {
  const files = new Map<string, Buffer>();
  const folders = new Set<string>(['/']);
  const read = (path: string): Buffer => {
    const content = files.get(path);
    if (content === undefined) throw fileError('ENOENT', path);
    return content;
  };
  const statOf = async (path: string): Promise<unknown> => {
    const content = files.get(path);
    if (content === undefined && !folders.has(path)) throw fileError('ENOENT', path);
    const isFile = content !== undefined;
    return {
      isFile: () => isFile,
      isDirectory: () => !isFile,
      isSymbolicLink: () => false,
      size: content?.length ?? 0,
      mode: 0o644,
      ctimeMs: 0,
      mtimeMs: 0,
    };
  };
  const refuse = async (path: string): Promise<never> => {
    throw fileError('ENOTSUP', path);
  };
  const promises: Files = {
    readFile: async (path: string, options?: { encoding?: BufferEncoding } | BufferEncoding) => {
      const encoding = typeof options === 'string' ? options : options?.encoding;
      const content = read(path);
      return encoding === undefined ? content : content.toString(encoding);
    },
    writeFile: async (path: string, data: string | Uint8Array) => {
      if (!folders.has(posix.dirname(path))) throw fileError('ENOENT', path);
      const content = typeof data === 'string' ? Buffer.from(data) : asBuffer(data);
      onWrite(path, content);
      files.set(path, content);
    },
    mkdir: async (path: string) => {
      if (files.has(path) || folders.has(path)) throw fileError('EEXIST', path);
      if (!folders.has(posix.dirname(path))) throw fileError('ENOENT', path);
      folders.add(path);
    },
    readdir: async (path: string) => {
      if (!folders.has(path)) throw fileError(files.has(path) ? 'ENOTDIR' : 'ENOENT', path);
      const inside = [...files.keys(), ...folders].filter((each) => each !== path && posix.dirname(each) === path);
      return inside.map((each) => posix.basename(each));
    },
    unlink: async (path: string) => {
      read(path);
      files.delete(path);
    },
    rmdir: async (path: string) => {
      if (!folders.delete(path)) throw fileError('ENOENT', path);
    },
    stat: statOf,
    lstat: statOf,
    readlink: refuse,
    symlink: refuse,
  };
  return { promises };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

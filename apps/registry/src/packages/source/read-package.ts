import { open, realpath, stat } from 'node:fs/promises';
import { join, relative, sep, isAbsolute } from 'node:path';
import { MANIFEST, MAX_MANIFEST_BYTES, type FileText, type Manifest } from './manifest.js';
import type { PackageContent } from './package-source.js';

const README = 'README.md';
/** Only the beginning of a longer README is kept: every gateway keeps it in memory. */
const MAX_README_BYTES = 64 * 1_024;

/** Reads a file of a package by its name, up to `maxBytes`; undefined where there is none. */
export type FindFile = (name: string, maxBytes: number) => Promise<FileText | undefined>;

/**
 * Reads manifest and README of a package, whatever its source.
 * @param parse reads the manifest; undefined: there is none @throws PackageNotLoaded where there is no valid manifest
 */
export async function readPackage(
  find: FindFile,
  parse: (file: FileText | undefined) => Manifest | Promise<Manifest>,
): Promise<PackageContent> {
  const { description } = await parse(await find(MANIFEST, MAX_MANIFEST_BYTES));
  const readme = await find(README, MAX_README_BYTES);
  return {
    ...(description !== undefined && { description }),
    ...(readme !== undefined && { readme: readme.text.replaceAll('\0', '') }),
  };
}

/** The beginning of bytes as text. */
export function beginningOf(bytes: Uint8Array, maxBytes: number): FileText {
  const isCut = bytes.length > maxBytes;
  const text = Buffer.from(bytes.subarray(0, maxBytes)).toString('utf8');
  // The cut may have split the last character.
  return { text: isCut ? text.replace(/\uFFFD$/, '') : text, isCut };
}

/** The files of a folder (a resolved path), read only. A link that leads out of the folder counts as no file. */
export const filesOf =
  (folder: string): FindFile =>
  async (name, maxBytes) => {
    const found = await realpath(join(folder, name)).catch(() => undefined);
    if (found === undefined || !isInside(folder, found) || !(await stat(found)).isFile()) return undefined;
    const file = await open(found, 'r');
    try {
      const buffer = Buffer.alloc(maxBytes + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return beginningOf(buffer.subarray(0, bytesRead), maxBytes);
    } finally {
      await file.close();
    }
  };

/** Whether a path is the folder or in it; both are resolved. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

import { open, realpath, stat } from 'node:fs/promises';
import { join, relative, sep, isAbsolute } from 'node:path';
import { z } from 'zod';
import { PackageNotLoaded, type PackageContent } from './package-source.js';

const MANIFEST = 'publisher.json';
const README = 'README.md';
const MAX_MANIFEST_BYTES = 64 * 1_024;
/** Only the beginning of a longer README is kept: every gateway keeps it in memory. */
const MAX_README_BYTES = 64 * 1_024;

const manifest = z.object({ name: z.string().max(255).optional(), description: z.string().max(10_000).optional() });

/** The beginning of a file. */
export interface FileText {
  readonly text: string;
  readonly isCut: boolean;
}

/** Reads a file of a package by its name, up to `maxBytes`; undefined where there is none. */
export type FindFile = (name: string, maxBytes: number) => Promise<FileText | undefined>;

/** Reads manifest and README of a package, whatever its source. @throws PackageNotLoaded where there is no valid manifest */
export async function readPackage(find: FindFile): Promise<PackageContent> {
  const { description } = parseManifest(await find(MANIFEST, MAX_MANIFEST_BYTES));
  const readme = await find(README, MAX_README_BYTES);
  return {
    ...(description !== undefined && { description: description.replaceAll('\0', '') }),
    ...(readme !== undefined && { readme: readme.text.replaceAll('\0', '') }),
  };
}

function parseManifest(file: FileText | undefined): z.output<typeof manifest> {
  if (!file) throw new PackageNotLoaded('missing', `There is no ${MANIFEST} in it.`);
  if (file.isCut) throw new PackageNotLoaded('missing', `Its ${MANIFEST} is larger than ${MAX_MANIFEST_BYTES} bytes.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.text);
  } catch {
    throw new PackageNotLoaded('missing', `Its ${MANIFEST} is not JSON.`);
  }
  const { data, error } = manifest.safeParse(parsed);
  if (data) return data;
  throw new PackageNotLoaded(
    'missing',
    `Its ${MANIFEST} is not a manifest: ${error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')}.`,
  );
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

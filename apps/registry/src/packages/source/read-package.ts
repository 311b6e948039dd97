import { open, realpath, stat } from 'node:fs/promises';
import { join, relative, sep, isAbsolute } from 'node:path';
import { z } from 'zod';
import { PackageNotLoaded, type PackageContent } from './package-source.js';

const MANIFEST = 'publisher.json';
const README = 'README.md';
const MAX_MANIFEST_BYTES = 64 * 1_024;
/** Of a longer README its beginning is kept: it is in the memory of every gateway. */
const MAX_README_BYTES = 64 * 1_024;

const manifest = z.object({ name: z.string().max(255).optional(), description: z.string().max(10_000).optional() });

/** As much of a file as is read of it. */
export interface FileText {
  readonly text: string;
  readonly isCut: boolean;
}

/** Finds a file of a package by its name; undefined where there is none. At most `maxBytes` are wanted. */
export type FindFile = (name: string, maxBytes: number) => Promise<FileText | undefined>;

/** What a package says of itself, wherever its files are. @throws PackageNotLoaded where there is no manifest */
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
  // A character that the cut went through.
  return { text: isCut ? text.replace(/\uFFFD$/, '') : text, isCut };
}

/** Files of a folder (a resolved path), of which nothing but this is read and nothing is written. A link that leads out of it is no file. */
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

/** Whether a path, both resolved, is the folder itself or in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

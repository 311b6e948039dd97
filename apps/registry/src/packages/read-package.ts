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

/** Reads what a package in this folder says of itself. Nothing is written there. @throws PackageNotLoaded */
export async function readPackage(folder: string): Promise<PackageContent> {
  const { description } = await readManifest(folder);
  const readme = await readBeginning(folder, README, MAX_README_BYTES);
  return {
    ...(description !== undefined && { description }),
    ...(readme !== undefined && { readme: readme.text.replaceAll('\0', '') }),
  };
}

async function readManifest(folder: string): Promise<z.output<typeof manifest>> {
  const file = await readBeginning(folder, MANIFEST, MAX_MANIFEST_BYTES);
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
  throw new PackageNotLoaded('missing', `Its ${MANIFEST} is not a manifest: ${error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')}.`);
}

/** The beginning of a file in the folder; undefined where there is none. A link that leads out of the folder is none. */
async function readBeginning(folder: string, name: string, maxBytes: number): Promise<{ text: string; isCut: boolean } | undefined> {
  const path = join(folder, name);
  const found = await realpath(path).catch(() => undefined);
  if (found === undefined || !isInside(await realpath(folder), found) || !(await stat(found)).isFile()) return undefined;
  const file = await open(found, 'r');
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const isCut = bytesRead > maxBytes;
    const text = buffer.subarray(0, Math.min(bytesRead, maxBytes)).toString('utf8');
    // A character that the cut went through.
    return { text: isCut ? text.replace(/\uFFFD$/, '') : text, isCut };
  } finally {
    await file.close();
  }
}

/** Whether a path, both resolved, is the folder itself or in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

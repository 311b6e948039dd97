import { z } from 'zod';
import { PackageNotLoaded } from './package-source.js';

export const MANIFEST = 'publisher.json';
export const MAX_MANIFEST_BYTES = 64 * 1_024;

const manifest = z.object({ name: z.string().max(255).optional(), description: z.string().max(10_000).optional() });

/** What a manifest says that is kept. */
export interface Manifest {
  readonly description?: string;
}

/** The beginning of a file. */
export interface FileText {
  readonly text: string;
  readonly isCut: boolean;
}

/** @throws PackageNotLoaded where it is no valid manifest */
export function parseManifest(file: FileText | undefined): Manifest {
  if (!file) throw new PackageNotLoaded('missing', `There is no ${MANIFEST} in it.`);
  if (file.isCut) throw new PackageNotLoaded('missing', `Its ${MANIFEST} is larger than ${MAX_MANIFEST_BYTES} bytes.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.text);
  } catch {
    throw new PackageNotLoaded('missing', `Its ${MANIFEST} is not JSON.`);
  }
  const { data, error } = manifest.safeParse(parsed);
  if (error)
    throw new PackageNotLoaded(
      'missing',
      `Its ${MANIFEST} is not a manifest: ${error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')}.`,
    );
  const { description } = data;
  return description === undefined ? {} : { description: description.replaceAll('\0', '') };
}

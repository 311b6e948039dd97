import { JobDied } from '@signalbox/sandbox';
import type { JobPools } from '../../jobs/job-pools.js';
import { whatHappened } from '../../jobs/what-happened.rules.js';
import type { Asking } from '../../jobs/asking.js';
import { MANIFEST, parseManifest, type FileText, type Manifest } from './manifest.js';
import type { ManifestJob } from './manifest.sandbox.js';
import { contentOf } from './package-answer.js';
import { PackageNotLoaded } from './package-source.js';

const DEADLINE_MS = 20_000;

/** Parses a manifest in a process made for it. @throws PackageNotLoaded */
export async function readManifest(
  jobs: JobPools,
  file: FileText | undefined,
  { caller, signal }: Asking,
): Promise<Manifest> {
  // There is nothing to be parsed.
  if (file === undefined || file.isCut) return parseManifest(file);
  try {
    const message: ManifestJob = { file };
    const content = contentOf(await jobs.run('manifest', { caller, message, withinMs: DEADLINE_MS, signal }));
    if (content) return content;
    throw new JobDied('misbehaved', undefined);
  } catch (error) {
    if (!(error instanceof JobDied)) throw error;
    const why = whatHappened(error, jobs.memoryOf('manifest'));
    throw new PackageNotLoaded('unavailable', `Its ${MANIFEST} is not read: ${why}.`);
  }
}

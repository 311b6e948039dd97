import { answerJobs } from '@signalbox/sandbox/jobs';
import { parseManifest, type FileText } from './manifest.js';
import { answerOf } from './package-answer.js';

/** What the program gets: the file of a manifest. */
export interface ManifestJob {
  readonly file: FileText;
}

answerJobs((job) => answerOf(() => parseManifest((job as ManifestJob).file)));

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { EngineStatus } from '@signalbox/contracts/messages';
import { readGitHash } from '@signalbox/platform';

export type BuildInfo = Pick<EngineStatus, 'build_date' | 'implementation_version' | 'git_hash'>;

export interface BuildInfoOptions {
  /** The file that runs; its folder is beside its package.json. */
  readonly mainFile: string;
  readonly gitHash: string | undefined;
  readonly buildDate: string | undefined;
}

/** Which build runs: from the configuration, else from its own files. */
export function readBuildInfo({ mainFile, gitHash, buildDate }: BuildInfoOptions): BuildInfo {
  const folder = path.dirname(mainFile);
  return {
    build_date: buildDate ?? statSync(mainFile).mtime.toISOString().slice(0, 10),
    implementation_version: versionIn(path.join(folder, '..', 'package.json')),
    git_hash: gitHash ?? readGitHash(folder) ?? 'unknown',
  };
}

function versionIn(packageFile: string): string {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

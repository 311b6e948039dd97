import type { JobProgram } from '@signalbox/sandbox';

const MIB = 2 ** 20;

/** The bundles, and nothing else of a checkout: `.env` is beside it. Node looks into package.json for the kind of a script. */
const PROGRAM = ['../../bundle/', '../../package.json'].map((path) => new URL(path, import.meta.url));

/** Native code that the bundle does not contain. */
const DUCKDB = new URL('../../../../node_modules/@duckdb/', import.meta.url);

const bundled = (name: string): URL => new URL(`../../bundle/${name}.js`, import.meta.url);

const common = { env: {}, readable: PROGRAM };

/** What a program may send as JSON: a README of 64 KiB, of which each byte may take six. */
const CONTENT_LIMITS = { message: MIB, bytes: 0 };

export const CONNECTION_TEST = {
  ...common,
  module: bundled('connection-test'),
  memoryBytes: 256 * MIB,
  heapBytes: 64 * MIB,
  cpuSeconds: 8,
  limits: { message: 64 * 1_024, bytes: 0 },
} satisfies JobProgram;

/** It reads nothing of a stranger: native code is bound by none of the permissions. */
export const DUCKDB_STATEMENT = {
  ...common,
  module: bundled('duckdb'),
  readable: [...PROGRAM, DUCKDB],
  nativeCode: true,
  memoryBytes: 512 * MIB,
  heapBytes: 64 * MIB,
  cpuSeconds: 8,
  limits: { message: 64 * 1_024, bytes: 0 },
} satisfies JobProgram;

export const MANIFEST = {
  ...common,
  module: bundled('manifest'),
  memoryBytes: 192 * MIB,
  heapBytes: 64 * MIB,
  limits: CONTENT_LIMITS,
} satisfies JobProgram;

export const GIT_CPU_SECONDS = 40;

/** What is fetched is in memory up to six times for a moment: as it came, as a pack, being hashed. @param maxBytes that are fetched */
export const gitProgram = (maxBytes: number): JobProgram => ({
  ...common,
  module: bundled('git'),
  memoryBytes: 256 * MIB + 6 * maxBytes,
  heapBytes: 192 * MIB,
  cpuSeconds: GIT_CPU_SECONDS,
  limits: CONTENT_LIMITS,
});

// @ts-check
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from '../processes/command.mjs';

/** @returns {boolean} Debian, Ubuntu or a relative of theirs */
export function isDebianLike() {
  const release = osRelease();
  return /\b(debian|ubuntu)\b/.test(`${release.ID} ${release.ID_LIKE ?? ''}`) && isOnPath('apt-get');
}

/** @returns {string[] | undefined} what to put before a command so that it runs as root; undefined when we may not */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined;
}

/** @returns {Record<string, string>} */
export function osRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(
      lines.map((line) => line.match(/^(\w+)="?([^"]*)"?$/)?.slice(1) ?? []).filter((pair) => pair.length === 2),
    );
  } catch {
    return {};
  }
}

/** @param {string} command */
export function isOnPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)));
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Packages bring services that start themselves. While ours is installed, and only then, a policy forbids it. */
const installWithoutStarting = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 143' TERM INT HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
apt-get "$@"`;

/**
 * Installs a package with apt-get as root, without recommendations and without starting its service.
 * Lists and archives may be interrupted; once dpkg works it is let finish, as a half installed package is a broken system.
 * @param {{ name: string, root: string[], logFile: string, signal: AbortSignal, detail: (text: string) => void, wayOut: string }} options
 */
export async function aptInstall({ name, root, logFile, signal, detail, wayOut }) {
  const asRoot = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends'];
  /** @param {string} doing @param {string[]} args */
  const aptGet = async (doing, args) => {
    detail(doing);
    await run([...asRoot, 'apt-get', ...args], {
      doing: `${doing} (apt-get ${args[0]})`,
      logFile,
      signal,
      append: true,
      wayOut,
    });
  };
  const download = () => aptGet('downloading it', ['install', ...options, '--download-only', name]);

  if (!hasCandidate(name)) await aptGet('fetching package lists', ['update', '-q']);
  try {
    await download();
  } catch (error) {
    if (signal.aborted) throw error;
    // Old lists name archives that the mirror no longer has.
    await aptGet('fetching package lists', ['update', '-q']);
    await download();
  }
  signal.throwIfAborted();
  detail('unpacking it, which is not interrupted');
  await run([...asRoot, 'sh', '-c', installWithoutStarting, 'apt-get', 'install', ...options, name], {
    doing: `installing ${name} (apt-get install)`,
    logFile,
    append: true,
    wayOut,
  });
  signal.throwIfAborted();
}

/** @param {string[]} command @param {Parameters<typeof runCommand>[1]} options */
function run(command, options) {
  return runCommand(/** @type {[string, ...string[]]} */ (command), options);
}

/** @param {string} name @returns {boolean} whether apt knows a version to install */
function hasCandidate(name) {
  const policy = execFileSync('apt-cache', ['policy', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return /Candidate: (?!\(none\))/.test(policy);
}

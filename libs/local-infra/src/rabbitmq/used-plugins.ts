import { access, mkdir, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Its application needs no entry in `enabled_plugins`. */
const SERVER = 'rabbit';

/**
 * Makes a folder in the home of a node with links to those plugins of the installation that the node uses, for `RABBITMQ_PLUGINS_DIR`.
 * The node looks for each of its thousand modules in one folder after the other, and an installation has sixty of them: with this
 * one it starts a quarter faster.
 *
 * @param options `serverScript`: the start script of the installation; `plugins`: those that are enabled
 * @returns the folder; undefined where the installation keeps its plugins in another way
 */
export async function linkUsedPlugins({
  home,
  serverScript,
  plugins,
}: {
  home: string;
  serverScript: string;
  plugins: readonly string[];
}): Promise<string | undefined> {
  const installed = path.resolve(await realpath(serverScript), '../../plugins');
  const folders = await foldersByApplication(installed);
  if (!folders.has(SERVER)) return undefined;
  const used = new Set([SERVER, ...plugins]);
  // A set can grow while it is walked: what is added comes later.
  for (const application of used) {
    const folder = folders.get(application);
    if (folder === undefined) continue; // of Erlang itself
    for (const needed of await applicationsOf(path.join(folder, 'ebin', `${application}.app`))) used.add(needed);
  }
  const links = path.join(home, 'plugins');
  await rm(links, { recursive: true, force: true });
  await mkdir(links);
  for (const application of used) {
    const folder = folders.get(application);
    if (folder !== undefined) await symlink(folder, path.join(links, path.basename(folder)));
  }
  return links;
}

/** By name: `rabbit-3.10.8` is the folder of `rabbit`. */
async function foldersByApplication(installed: string): Promise<Map<string, string>> {
  const names = await readdir(installed).catch(() => []);
  const found = new Map<string, string>();
  for (const name of names) {
    const application = /^(\w+)-\d/.exec(name)?.[1];
    const folder = path.join(installed, name);
    if (application !== undefined && (await isThere(path.join(folder, 'ebin', `${application}.app`))))
      found.set(application, folder);
  }
  return found;
}

/** What an application resource file names as its dependencies. */
async function applicationsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return /\{applications,\s*\[([^\]]*)\]/.exec(text)?.[1]?.match(/\w+/g) ?? [];
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

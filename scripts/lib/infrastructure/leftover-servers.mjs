// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const stopServers = new URL('stop-servers.mjs', import.meta.url).href;

/**
 * Stops servers of a home that no run owns: one that was killed while they started had not recorded them yet. In a process of its own:
 * Node.js loads a module once, so a start that loaded the library here would go on with it after the build of an upgrade.
 * @param {import('../base/home.mjs').Home} home
 * @param {number} graceMs
 * @returns {Promise<string[]>} whom it stopped
 */
export async function stopLeftoverServers(home, graceMs) {
  const isThere = ['rabbitmq', 'postgres'].some((name) => existsSync(join(home.path, name, 'process.json')));
  if (!isThere) return [];
  const [folder, ms] = [JSON.stringify(home.path), String(graceMs)];
  const code = `import { stopServersIn } from ${JSON.stringify(stopServers)};
    console.log(JSON.stringify(await stopServersIn(${folder}, ${ms})));`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  const { stdout } = await run.catch((error) => {
    // Without the packages or the build nothing can be stopped; a server that runs is named when it is to be started.
    if (String(error.stderr).includes('ERR_MODULE_NOT_FOUND')) return { stdout: '[]' };
    throw error;
  });
  return JSON.parse(stdout);
}

// @ts-check
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { runInGroup } from '../processes/command.mjs';

const quietTurbo = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

/**
 * Runs a tool of node_modules.
 * @param {[string, ...string[]]} command a script in node_modules and its arguments
 * @param {{ signal: AbortSignal, env: NodeJS.ProcessEnv, output?: number | 'inherit' }} options `output`: a file; into ours unless given
 * @returns {Promise<boolean>} whether it ended with 0
 */
export async function runTool([tool, ...args], { signal, env, output = 'inherit' }) {
  const command = [process.execPath, join(checkout, 'node_modules', tool), ...args];
  const ended = await runInGroup(command, { output, signal, cwd: checkout, env: { ...env, ...quietTurbo } });
  return ended === 'exit code 0';
}

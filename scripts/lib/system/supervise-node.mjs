// @ts-check
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { environmentWith } from '../processes/environment.mjs';
import { launchNode } from '../processes/launch.mjs';
import { Supervised } from '../processes/supervised.mjs';

/**
 * A program of this run that does not report when it is ready; its log starts empty.
 * @param {{
 *   home: import('../base/home.mjs').Home, run: import('../processes/run-folder.mjs').RunFolder, progress: import('../base/progress.mjs').Progress,
 * }} of
 * @param {{
 *   name: string, script: string, args?: string[],
 *   env: () => Record<string, string | undefined> | Promise<Record<string, string | undefined>>,
 *   onDeath?: ConstructorParameters<typeof Supervised>[0]['onDeath'],
 * }} program `script`: from the root of the checkout; `env`: beside what is harmless of this process's own, determined at each start; without `onDeath` it is started again
 */
export function superviseNode({ home, run, progress }, { name, script, args = [], env, onDeath }) {
  const logFile = home.logFile(name);
  home.rotateLog(name);
  return new Supervised({
    name,
    logFile,
    run,
    say: (text) => progress.line(text),
    launch: async () =>
      launchNode({
        name,
        command: [join(checkout, script), ...args],
        env: { ...environmentWith([]), ...(await env()) },
        logFile,
        reportsReady: false,
      }),
    ...(onDeath && { onDeath }),
  });
}

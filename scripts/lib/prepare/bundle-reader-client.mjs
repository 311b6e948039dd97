// @ts-check
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { checkout } from '../base/home.mjs';
import { compiledIn, hashOf, unlessMade } from './bundle-inputs.mjs';

const FOLDER = 'libs/reader-client';

/**
 * Makes `libs/reader-client/bundle` from the package and what it imports, but for amqplib: `npm pack` gives a package that can be
 * installed where the packages of this repository are not.
 */
export async function bundleReaderClient() {
  const inputs = hashOf([
    ...['libs/contracts', FOLDER].flatMap(compiledIn),
    'package-lock.json',
    'scripts/lib/prepare/bundle-reader-client.mjs',
  ]);
  await unlessMade(FOLDER, inputs, async () => {
    const build = await rolldown({
      input: ['index', 'heartbeat-thread', 'cli'].map((name) => join(checkout, FOLDER, 'dist', `${name}.js`)),
      platform: 'node',
      tsconfig: false,
      external: ['amqplib'],
      // The contracts are data: those that a reader does not use are left out.
      treeshake: { moduleSideEffects: false },
      onLog: (_level, { message }) => {
        throw new Error(message);
      },
    });
    await build.write({ dir: join(checkout, FOLDER, 'bundle'), format: 'esm', cleanDir: true });
    await build.close();
  });
}

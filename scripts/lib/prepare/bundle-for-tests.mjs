// @ts-check
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { bundleAll } from './bundle.mjs';
import { compiledIn, foldersIn, hashOf, unlessMade } from './bundle-inputs.mjs';
import { bundleProgram, bundlerFiles } from './bundle-program.mjs';

/** In which a test makes a failure. */
const FAILING = "export { CurrentFacts } from '../../apps/gateway/dist/status/current-facts.js';\n";

/** Before the tests: all bundles, and that of the services that run in the process of a test. */
export async function setup() {
  await bundleAll();
  await bundleServicesOfTests();
}

/**
 * Makes `test/bundle/services.js`, which exports all services by their names. Each worker of Vitest loads it: in a fifth of the CPU time
 * that the files in `dist` and their packages take.
 */
async function bundleServicesOfTests() {
  const apps = foldersIn('apps');
  const inputs = hashOf([
    ...[...apps, ...foldersIn('libs')].flatMap(compiledIn),
    'scripts/lib/prepare/bundle-for-tests.mjs',
    ...bundlerFiles,
  ]);
  await unlessMade('test', inputs, async () => {
    const folder = join(checkout, 'test/bundle');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const lines = apps.map(
      (app) => `export { service as '${app.slice('apps/'.length)}' } from '../../${app}/dist/service.js';\n`,
    );
    writeFileSync(join(folder, 'all-services.mjs'), [...lines, FAILING].join(''));
    await bundleProgram(folder, { name: 'services', file: 'test/bundle/all-services.mjs' });
  });
}

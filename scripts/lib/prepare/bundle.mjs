// @ts-check
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkout } from '../base/home.mjs';
import { compiledIn, foldersIn, hashOf, unlessMade } from './bundle-inputs.mjs';
import { bundleProgram, bundlerFiles } from './bundle-program.mjs';
import { bundleReaderClient } from './bundle-reader-client.mjs';

/** Programs that a service starts in sandboxes: `git.sandbox.js` becomes `bundle/git.js`. */
const SANDBOXED = /\.sandbox\.js$/;

/**
 * Makes `apps/<service>/bundle/main.js` from each `apps/<service>/dist/main.js` and all it imports, and a file beside it from each
 * program that the service starts in a sandbox. Most of the CPU time of a
 * service's start goes into finding and compiling some 1,500 files; one file takes a third of it. A bundle that is up to date
 * is left as it is.
 */
async function bundleServices() {
  const shared = hashOf([...foldersIn('libs').flatMap(compiledIn), 'scripts/lib/prepare/bundle.mjs', ...bundlerFiles]);
  const services = foldersIn('apps').filter((app) => existsSync(join(checkout, app, 'dist/main.js')));
  await Promise.all(services.map((app) => unlessMade(app, hashOf(compiledIn(app), shared), () => bundle(app))));
}

/** All bundles. */
export async function bundleAll() {
  await Promise.all([bundleServices(), bundleReaderClient()]);
}

/** @param {string} app folder of the service */
async function bundle(app) {
  const sandboxed = compiledIn(app).filter((file) => SANDBOXED.test(file));
  const programs = [
    { name: 'main', file: `${app}/dist/main.js` },
    ...sandboxed.map((file) => ({ name: basename(file).replace(SANDBOXED, ''), file })),
  ];
  const folder = join(checkout, app, 'bundle');
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(programs.map((program) => bundleProgram(folder, program)));
}

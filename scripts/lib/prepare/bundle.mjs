// @ts-check
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { checkout } from '../base/home.mjs';
import { compiled, compiledIn, foldersIn, hashOf, unlessMade } from './bundle-inputs.mjs';
import { bundleReaderClient } from './bundle-reader-client.mjs';

/** Packages that start files of their own or load native code: they stay where they are installed. */
const notBundled = [/^@duckdb\//, 'piscina'];

/** The text of the script that starts each program. */
const ENTRY = 'scripts/lib/prepare/bundle-entry.mjs';

/** Programs that a service starts in sandboxes: `git.sandbox.js` becomes `bundle/git.js`. */
const SANDBOXED = /\.sandbox\.js$/;

/**
 * Makes `apps/<service>/bundle/main.js` from each `apps/<service>/dist/main.js` and all it imports, and a file beside it from each
 * program that the service starts in a sandbox. Most of the CPU time of a
 * service's start goes into finding and compiling some 1,500 files; one file takes a third of it. A bundle that is up to date
 * is left as it is.
 */
async function bundleServices() {
  const shared = hashOf([
    ...foldersIn('libs').flatMap(compiledIn),
    'package-lock.json',
    'scripts/lib/prepare/bundle.mjs',
    'scripts/lib/prepare/bundle-inputs.mjs',
    ENTRY,
  ]);
  const services = foldersIn('apps').filter((app) => existsSync(join(checkout, app, 'dist/main.js')));
  await Promise.all(services.map((app) => unlessMade(app, hashOf(compiledIn(app), shared), () => bundle(app))));
}

/** All bundles. */
export async function bundleAll() {
  await Promise.all([bundleServices(), bundleReaderClient()]);
}

/** Vitest's name for what runs before the tests. */
export { bundleAll as setup };

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

/** @param {string} folder @param {{ name: string, file: string }} program */
async function bundleProgram(folder, { name, file }) {
  const build = await rolldown({
    input: join(checkout, file),
    platform: 'node',
    // The compiler has applied it. The image is built without the tests, to which the one at the root refers.
    tsconfig: false,
    external: notBundled,
    plugins: [keepFileUrls(folder)],
    onLog: (_level, { code, message, id }) => {
      // Nest and TypeORM import drivers that are installed only where they are used, and expect that to fail.
      if (code === 'UNRESOLVED_IMPORT' && !compiled.test(id ?? message)) return;
      throw new Error(message);
    },
  });
  // TypeORM knows migrations, and logs know errors, by the names of their classes.
  await build.write({
    dir: folder,
    format: 'cjs',
    entryFileNames: `${name}.cjs`,
    codeSplitting: false,
    keepNames: true,
  });
  await build.close();
  const entry = join(folder, `${name}.js`);
  copyFileSync(join(checkout, ENTRY), entry);
  await writeCodeCache(entry);
}

/** Starts the program without a configuration or a parent: it loads all its code, says what is missing, and exits. @param {string} entry */
async function writeCodeCache(entry) {
  const output = await new Promise((resolve) => {
    execFile(process.execPath, [entry, '--write-cache'], { env: {} }, (_exit, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
  });
  if (!existsSync(entry.replace(/\.js$/, '.cache'))) throw new Error(`${entry} cannot be loaded:\n${output}`);
}

/**
 * `import.meta.url` stays the address of the file in `dist`: workers, child processes and package.json are found from there.
 * @param {string} folder where the bundle is written
 * @returns {import('rolldown').Plugin}
 */
function keepFileUrls(folder) {
  return {
    name: 'keep-file-urls',
    transform: {
      filter: { id: compiled, code: 'import.meta' },
      handler(code, id) {
        if (/import\.meta\.(?!url\b)/.test(code))
          throw new Error(`${id}: use import.meta.url, which a bundle can keep`);
        const path = JSON.stringify(relative(folder, id));
        return code.replaceAll('import.meta.url', `new URL(${path}, import.meta.url).href`);
      },
    },
  };
}

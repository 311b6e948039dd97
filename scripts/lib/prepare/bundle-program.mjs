// @ts-check
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { checkout } from '../base/home.mjs';
import { compiled } from './bundle-inputs.mjs';

/** Packages that start files of their own or load native code: they stay where they are installed. */
const notBundled = [/^@duckdb\//, 'piscina'];

/** The text of the script that starts each program. */
const ENTRY = 'scripts/lib/prepare/bundle-entry.mjs';

/** What a bundle depends on beside the code in it. */
export const bundlerFiles = [
  'package-lock.json',
  'scripts/lib/prepare/bundle-inputs.mjs',
  'scripts/lib/prepare/bundle-program.mjs',
  ENTRY,
];

/** The last bundle that was begun. */
let bundling = Promise.resolve();

/**
 * Makes `<folder>/<name>.js` from a compiled file and all that it imports, with the code that V8 compiled of it. The bundler uses all
 * cores for one program: several take turns, so that each uses the memory of the one before it.
 * @param {string} folder absolute @param {{ name: string, file: string }} program
 */
export async function bundleProgram(folder, program) {
  const mine = bundling.then(() => writeBundle(folder, program));
  bundling = mine.catch(() => undefined);
  await mine;
  const entry = join(folder, `${program.name}.js`);
  copyFileSync(join(checkout, ENTRY), entry);
  await writeCodeCache(entry);
}

/** @param {string} folder @param {{ name: string, file: string }} program */
async function writeBundle(folder, { name, file }) {
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

// Copied to `apps/<service>/bundle/<program>.js`. Runs <program>.cjs with the code that V8 compiled when the bundle was made
// (<program>.cache): a start takes half the CPU time. Another version of Node ignores that file and compiles again. What the
// program exports is the default export.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

const file = fileURLToPath(import.meta.url).replace(/\.js$/, '.cjs');
const cache = file.replace(/\.cjs$/, '.cache');

// The heap has its size by now. V8 would not take code that was compiled with another value of these options.
for (const option of ['--max-semi-space-size=0', '--max-old-space-size=0']) setFlagsFromString(option);

// Newer versions of Node say so at the first `import()`. The constant has worked the same since Node 20.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (...warning) => {
  if (!String(warning[0]).startsWith('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER '))
    Reflect.apply(emitWarning, undefined, warning);
};

const script = new Script(`(function (exports, require, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`, {
  filename: file,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
});
// What ran until the exit is compiled by then: without a configuration or a parent, all that is needed to load the program.
if (process.argv.includes('--write-cache')) process.once('exit', () => writeFileSync(cache, script.createCachedData()));
const exported = {};
script.runInThisContext()(exported, createRequire(file), file, dirname(file));
export default exported;

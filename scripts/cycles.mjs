// @ts-check
// `npm run cycles`: shows folders of one package that import each other.
import { checkout } from './lib/base/home.mjs';
import { readOptions } from './lib/base/options.mjs';
import { describeCycle, folderCycles } from './lib/checks/folder-cycles.mjs';
import { trackedFiles } from './lib/source/tracked-files.mjs';

readOptions('npm run cycles: shows folders of one package that import each other. It takes no options.\n');
const cycles = folderCycles(checkout, trackedFiles(checkout));
for (const cycle of cycles) console.log(describeCycle(cycle));
console.log(`${cycles.length} folder cycles found.`);
process.exitCode = cycles.length > 0 ? 1 : 0;

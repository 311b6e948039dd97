// @ts-check
// `npm run words`: shows words in tracked files that have a plain term: docs, code, comments and titles of tests.
import { checkout } from './lib/base/home.mjs';
import { readOptions } from './lib/base/options.mjs';
import { trackedFiles } from './lib/source/tracked-files.mjs';
import { describeFinding, findWords } from './lib/words/find-words.mjs';

readOptions('npm run words: shows words in tracked files that have a plain term. It takes no options.\n');
const findings = findWords(checkout, trackedFiles(checkout));
for (const finding of findings) console.log(describeFinding(finding));
console.log(`${findings.length} words found that have a plain term (scripts/lib/words/word-list.mjs).`);
process.exitCode = findings.length > 0 ? 1 : 0;

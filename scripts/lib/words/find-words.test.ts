import { describe, expect, it } from 'vitest';
import { findWords, wordsIn } from './find-words.mjs';
import { withFiles } from '../source/files-in-folder.js';

const found = (line: string): string[] => wordsIn(line).map((each) => each.found);

describe('the words check', () => {
  it.each([
    ['is loaded anew by whoever asks', ['anew', 'whoever']],
    ['Nobody hears a teller', ['Nobody', 'teller', 'hears']],
    ['const heardAt = 1; // MENDED', ['MENDED', 'heard']],
    ["it('obeys, is parked, set aside')", ['obeys', 'parked', 'set aside']],
    ['one life, two lives, their books', ['life', 'lives', 'books']],
  ])('finds the listed words in "%s"', (line, expected) => {
    expect(found(line).toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    'the header x-parked-at',
    'the life cycle of a lifecycle, and its lifetime',
    'removed right away, taken away',
    'bookkeeping, recommend, sparks',
  ])('accepts "%s"', (line) => {
    expect(found(line)).toEqual([]);
  });

  it('names file, line, word and what to write instead, also for the name of a file', () => {
    withFiles({ 'docs/goodbye.md': '# Shutdown\n\nIt tells the gateway.\n' }, (folder) => {
      expect(findWords(folder, ['docs/goodbye.md'])).toEqual([
        { file: 'docs/goodbye.md', line: 0, found: 'goodbye', instead: expect.stringContaining('deregistration') },
        { file: 'docs/goodbye.md', line: 3, found: 'tells', instead: expect.stringContaining('publish') },
      ]);
    });
  });

  it('leaves existing migrations as they are', () => {
    withFiles({ 'apps/a/src/database/migrations/1-life.ts': '// parked' }, (folder) => {
      expect(findWords(folder, ['apps/a/src/database/migrations/1-life.ts'])).toEqual([]);
    });
  });
});

// @ts-check
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {'booking' | 'note' | 'poison' | 'key'} Kind
 * @typedef {{ what: 'requested' | 'acknowledged' | 'refused' | 'wrong', kind: Kind, id: string, fault: string, at: number, detail?: string }} JournalLine
 */

/** The writes that the load requested and their results, one JSON line each. Each line is written at once, so that a kill -9 loses none. */
export class Journal {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /** @param {Omit<JournalLine, 'at'>} line */
  write(line) {
    appendFileSync(this.file, `${JSON.stringify({ ...line, at: Date.now() })}\n`);
  }

  /** @returns {JournalLine[]} */
  read() {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n');
    return lines.flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line)];
      } catch {
        return []; // a line that was being written when the load was killed
      }
    });
  }
}

// @ts-check
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** A log of npm start becomes larger than this only while its service runs. */
const mostBytes = 16 * 1024 * 1024;

/** Reads a log from where it was read before: whole lines only. */
export class LogFile {
  #offset = 0;
  #rest = '';
  #decoder = new StringDecoder('utf8');

  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /** @returns {string[]} what was added since; of a log that has become shorter, all of it */
  newLines() {
    const handle = openSync(this.file, 'r');
    try {
      const { size } = fstatSync(handle);
      if (size < this.#offset) this.#offset = 0;
      // The beginning of a very large one is left out.
      const from = Math.max(this.#offset, size - mostBytes);
      const bytes = Buffer.alloc(size - from);
      const read = readSync(handle, bytes, 0, bytes.length, from);
      this.#offset = from + read;
      const lines = (this.#rest + this.#decoder.write(bytes.subarray(0, read))).split('\n');
      this.#rest = lines.pop() ?? '';
      return lines;
    } finally {
      closeSync(handle);
    }
  }
}

// @ts-check
import { readFileSync } from 'node:fs';

/** Of /proc/<pid>/stat: USER_HZ, which is 100 on every architecture that Node.js runs on. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4_096;

/** User and system time. @param {number} pid */
export function cpuSecondsOf(pid) {
  // The command, in parentheses, may contain spaces. Of the members after it, utime and stime are the 12th and 13th.
  const members = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(members[11]) + Number(members[12])) / TICKS_A_SECOND;
}

/** @param {number} pid @returns {number} bytes that are resident */
export const residentBytesOf = (pid) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;

/** @param {number} pid @returns {number} MiB that are resident */
export const memoryOf = (pid) => Math.round(residentBytesOf(pid) / 1_048_576);

/** @param {number} pid @returns {number[]} none of a process that has ended */
export function childrenOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((child) => child !== '')
      .map(Number);
  } catch {
    return [];
  }
}

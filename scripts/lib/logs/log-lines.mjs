// @ts-check
import { prettyFactory } from 'pino-pretty';
import { harmless } from '../base/harmless.mjs';

/** From the least severe to the most. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * One line of a log: `record` where it is JSON, as services write it.
 * @typedef {{ text: string, record?: { level: string, time: string } & Record<string, unknown> }} LogLine
 */

/** @param {string} text @returns {LogLine} */
export function parseLine(text) {
  try {
    const record = JSON.parse(text, (_, value) => (typeof value === 'string' ? harmless(value) : value));
    if (levels.includes(record?.level) && typeof record.time === 'string') return { text, record };
  } catch {
    // Other programs write text.
  }
  return { text: harmless(text) };
}

/**
 * @param {string | undefined} least the least severe level that is shown; undefined: all, and lines that are text too
 * @returns {(line: LogLine) => boolean}
 */
export function isShown(least) {
  if (least === undefined) return () => true;
  return ({ record }) => record !== undefined && levels.indexOf(record.level) >= levels.indexOf(least);
}

/** @param {{ colorize: boolean }} options @returns {(line: LogLine) => string} for people, with a line break at the end */
export function printer({ colorize }) {
  const pretty = prettyFactory({ colorize, singleLine: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
  return ({ text, record }) => (record ? pretty(record) : `${text}\n`);
}

/** Lines of several logs in the order of their times. A text stays below the line before it. @param {LogLine[][]} logs */
export function inOrder(logs) {
  const timed = logs.flatMap((lines) => {
    let time = '';
    return lines.map((line) => ({ line, time: (time = line.record?.time ?? time) }));
  });
  return timed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ line }) => line);
}

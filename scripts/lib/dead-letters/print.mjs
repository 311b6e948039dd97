// @ts-check
import { harmless } from '../base/harmless.mjs';

/** @typedef {import('./letters.mjs').Letter} Letter */

/** @param {readonly Letter[]} letters */
export function listOf(letters) {
  const rows = letters.map(({ position, id, deadLetteredAt, reason, sourceQueue, sender, detail }) =>
    [
      String(position),
      id.slice(0, 8),
      deadLetteredAt,
      reason,
      sourceQueue,
      shortened(sender, 40),
      shortened(detail, 80),
    ].map(harmless),
  );
  return table([['', 'id', 'dead-lettered at', 'reason', 'from queue', 'sender', 'detail'], ...rows]);
}

/** @param {Letter} letter */
export function pageOf(letter) {
  const facts = {
    id: letter.id,
    'dead-lettered at': letter.deadLetteredAt,
    reason: letter.reason,
    detail: letter.detail,
    'from queue': letter.sourceQueue,
    'sent to': `${letter.sourceExchange || '(default exchange)'} with key ${letter.sourceRoutingKey}`,
    sender: letter.sender || '(unknown)',
    type: letter.type,
  };
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(10)}  ${value}`);
  return harmless(`${lines.join('\n')}\n\n${readable(letter.body)}\n`);
}

/** @param {string} body @returns {string} JSON with line breaks; anything else as it is */
function readable(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** @param {string} text @param {number} most */
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** @param {string[][]} rows */
function table(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return (
    rows
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n') + '\n'
  );
}

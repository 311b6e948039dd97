import type { ValueEncoder } from './values.js';

/** Deeper than Postgres allows (6). */
const DEEPEST = 6;

/**
 * An array as Postgres writes it (`{1,NULL,"a,b"}`, with bounds `[0:1]={1,2}`) as a JSON array; undefined if the text is none.
 * https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function arrayText(text: string, element: ValueEncoder): string | undefined {
  const start = text.startsWith('[') ? text.indexOf('={') + 1 : 0;
  if (text[start] !== '{') return undefined;
  let at = start;
  let depth = 0;
  let out = '';
  while (at < text.length) {
    const char = text[at];
    if (char === '{') {
      if (++depth > DEEPEST) return undefined;
      out += '[';
      at += 1;
    } else if (char === '}') {
      depth -= 1;
      out += ']';
      at += 1;
      if (depth === 0) return at === text.length ? out : undefined;
    } else if (char === ',') {
      out += ',';
      at += 1;
    } else if (char === '"') {
      const [value, end] = quotedElement(text, at + 1);
      out += element(value);
      at = end;
    } else {
      let end = at;
      while (end < text.length && text[end] !== ',' && text[end] !== '}') end += 1;
      const value = text.slice(at, end);
      out += value === 'NULL' ? 'null' : element(value);
      at = end;
    }
  }
  return undefined;
}

function quotedElement(text: string, from: number): [value: string, end: number] {
  let value = '';
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\') at += 1;
    value += text[at] ?? '';
    at += 1;
  }
  return [value, at + 1];
}

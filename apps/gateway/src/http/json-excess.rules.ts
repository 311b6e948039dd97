const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What a body may have at most. */
export interface JsonLimits {
  /** Of objects and lists. */
  readonly levels: number;
  /** Elements of lists and members of objects, counted by the commas between them. */
  readonly commas: number;
}

/**
 * What JSON has more of than that; undefined: of nothing. It reads each byte once and stops at the first one beyond, so that
 * it costs a small part of parsing. Of text that is not JSON it says nothing that matters: parsing refuses it.
 */
export function excessOf(json: Buffer, limits: JsonLimits): keyof JsonLimits | undefined {
  let [depth, commas] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === COMMA) {
      commas += 1;
      if (commas > limits.commas) return 'commas';
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > limits.levels) return 'levels';
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return undefined;
}

/** Most strings are shorter, and a native search costs as much as reading so many bytes. */
const NEAR = 32;

/** Where the string that begins at `start` ends; no byte of a longer UTF-8 character looks like a quote or a backslash. */
function endOfString(json: Buffer, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    for (const near = at + NEAR; at < near; at++) {
      if (json[at] === QUOTE) return at;
      if (json[at] === BACKSLASH) at += 1;
    }
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) break;
    let unescaped = quote;
    while (unescaped > at && json[unescaped - 1] === BACKSLASH) unescaped -= 1;
    if ((quote - unescaped) % 2 === 0) return quote;
    at = quote;
  }
  return json.length;
}

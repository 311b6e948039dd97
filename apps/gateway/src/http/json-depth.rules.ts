const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether JSON has more levels of objects and lists than that. It reads each byte once and stops at the first level beyond, so that
 * it costs a small part of parsing. Of text that is not JSON it says nothing that matters: parsing refuses it.
 */
export function isDeeperJson(json: Buffer, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > levels) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
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

/** What Postgres has no text for: NUL, and halves of surrogate pairs. `JSON.stringify` writes both as escapes. */
const NOT_STORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** JSON whose strings Postgres can read; it contains texts that strangers chose. */
export const storableJson = (value: unknown): string => JSON.stringify(value).replaceAll(NOT_STORABLE, '\\ufffd');

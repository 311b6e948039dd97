/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue };

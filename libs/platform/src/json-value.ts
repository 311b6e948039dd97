/** Any value that JSON can express. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [member: string]: JsonValue };

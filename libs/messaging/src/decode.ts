import type { ZodType } from 'zod';

import type { RawDelivery } from './delivery.js';

/** Why a message was not understood. */
export type UndecodableReason = 'too-large' | 'wrong-content-type' | 'not-utf8' | 'not-json' | 'schema-refused';

/** A decoded body, or why there is none; `detail` never quotes the message, only the path of what is wrong. */
export type Decoded<T> = { readonly ok: true; readonly body: T } | { readonly ok: false; readonly reason: UndecodableReason; readonly detail: string };

/** Reads the JSON of a message: its size (bytes), content type, encoding and syntax are checked, its meaning is not. */
export declare function decodeJson(raw: RawDelivery, maxBytes: number): Decoded<unknown>;

/** Reads the JSON of a message and has the schema judge it. */
export declare function decode<T>(raw: RawDelivery, schema: ZodType<T>, maxBytes: number): Decoded<T>;

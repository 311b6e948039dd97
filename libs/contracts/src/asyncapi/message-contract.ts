import type { Members } from '../json.js';
import type { z } from 'zod';

/** A body with an example of it. */
export interface BodyContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly example: z.input<Schema>;
}

/** One kind of message. */
export interface MessageContract<Schema extends z.ZodType = z.ZodType> extends BodyContract<Schema> {
  /** Its AMQP `type`; undefined: that of another message. */
  readonly type: string | undefined;
  /** Names it where several messages have its type, or none has one; else its type does. */
  readonly id?: string;
  readonly summary: string;
  /** Of a request. */
  readonly reply?: BodyContract;
}

/** Messages that are published to one exchange with keys of one form. */
export interface ChannelContract {
  readonly id: string;
  readonly exchange: { readonly name: string; readonly type: 'topic' };
  /** The routing key; `{name}` is a parameter. */
  readonly key: string;
  readonly summary: string;
  readonly messages: readonly MessageContract[];
  readonly senders: readonly string[];
  readonly receivers: readonly string[];
  /** Further headers, by name: what a text means, or its JSON schema. */
  readonly headers?: Readonly<Record<string, string | Members>>;
  /** Whether messages survive a restart of the broker. */
  readonly persistent?: boolean;
  /** Whether the broker returns a message that no queue takes. */
  readonly mandatory?: boolean;
}

/** Checks at compile time that the example is of the schema. */
export const message = <Schema extends z.ZodType>(contract: MessageContract<Schema>): MessageContract => contract;
export const body = <Schema extends z.ZodType>(contract: BodyContract<Schema>): BodyContract => contract;

/** What the parts of a path in braces stand for. */
export const parameters: Readonly<Record<string, string>> = {
  reader_id: 'The id of the reader. A sender that is known by its `user-id` may use another key, always the same one.',
  dataplane: 'The name of the dataplane.',
  partition: 'A number; there is one partition so far, 0.',
  stream: 'The name of a state stream.',
  datasource: 'The id of the datasource.',
  schema: 'The schema of the table, or `events`.',
  table: 'The table, or the model of an event.',
  op: 'What was done: see the member `op`.',
  queue: 'The queue that the message came from.',
};

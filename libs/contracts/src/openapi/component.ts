import type { z } from 'zod';

/** A schema that the OpenAPI document has under a name. What is sent or answered as a whole has an example. */
export interface ComponentContract<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** Whether clients send it or get it: a member with a default is optional in the one, and always there in the other. */
  readonly io: 'input' | 'output';
  readonly example?: z.input<Schema>;
}

export type Components = Readonly<Record<string, ComponentContract>>;

/** What is answered. Checks at compile time that the example is of the schema. */
export const answered = <Schema extends z.ZodType>(schema: Schema, example?: z.output<Schema>): ComponentContract => ({
  schema,
  io: 'output',
  ...(example !== undefined && { example }),
});

/** What clients send. */
export const sent = <Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>): ComponentContract => ({
  schema,
  io: 'input',
  ...(example !== undefined && { example }),
});

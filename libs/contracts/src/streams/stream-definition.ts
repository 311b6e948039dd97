import type { z } from 'zod';

/** One kind of entry of a stream: the keys it stands under, and what its values are. */
export interface EntryKind<Value = unknown, Names extends unknown[] = never[]> {
  /** What the keys of this kind begin with, up to their first slash. */
  readonly prefix: string;
  readonly schema: z.ZodType<Value>;
  /** The stream's key of the entry that these names identify. */
  readonly key: (...names: Names) => string;
}

/** Entries under `<prefix>/<name>`. */
export function entries<Value>(prefix: string, schema: z.ZodType<Value>): EntryKind<Value, [name: string]>;
/** Entries under `<prefix>/<path>`, or under `<prefix>` where the path is empty. */
export function entries<Value, Names extends unknown[]>(
  prefix: string,
  schema: z.ZodType<Value>,
  path: (...names: Names) => string,
): EntryKind<Value, Names>;
export function entries<Value>(
  prefix: string,
  schema: z.ZodType<Value>,
  path: (...names: string[]) => string = (name) => name!,
): EntryKind<Value, string[]> {
  const key = (...names: string[]): string => {
    const rest = path(...names);
    return rest === '' ? prefix : `${prefix}/${rest}`;
  };
  return { prefix, schema, key };
}

/** The one entry under `key`. */
export const single = <Value>(key: string, schema: z.ZodType<Value>): EntryKind<Value, []> => ({
  prefix: key,
  schema,
  key: () => key,
});

/**
 * A message that travels beside the deltas of a stream, outside its numbers and its digest. To receive one twice is to receive it once: one that came
 * while a snapshot was fetched is received after it, too.
 */
export interface SideMessage<Body extends SideMessageBody = SideMessageBody> {
  /** The AMQP `type`. */
  readonly type: string;
  readonly schema: z.ZodType<Body>;
}

/** One that has an `epoch` is of that epoch only. */
export interface SideMessageBody {
  stream: string;
  epoch?: number;
}

export interface StreamDefinition<
  Kinds extends Readonly<Record<string, EntryKind>> = Readonly<Record<string, EntryKind>>,
  Beside extends Readonly<Record<string, SideMessage>> = Readonly<Record<string, SideMessage>>,
> {
  /** Also the routing key of its messages. */
  readonly name: string;
  readonly entries: Kinds;
  readonly beside: Beside;
}

/** Declares a stream: what its owner publishes and what its followers read is known from this alone. */
export function defineStream<
  Kinds extends Readonly<Record<string, EntryKind>>,
  Beside extends Readonly<Record<string, SideMessage>> = Readonly<Record<never, never>>,
>({
  name,
  entries: kinds,
  beside,
}: {
  name: string;
  entries: Kinds;
  beside?: Beside;
}): StreamDefinition<Kinds, Beside> {
  return { name, entries: kinds, beside: beside ?? ({} as Beside) };
}

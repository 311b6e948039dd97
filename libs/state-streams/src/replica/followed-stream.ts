import type {
  EntryKind,
  JsonValue,
  SideMessage,
  SideMessageBody,
  StreamChange,
  StreamDefinition,
} from '@signalbox/contracts/streams';
import { EntryCollection, type Collection } from './collection.js';

type CollectionsOf<Kinds extends StreamDefinition['entries']> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends EntryKind<infer Value, infer Names>
    ? Collection<Value, Names>
    : never;
};

/** The content of one stream as this process knows it: a collection for each kind of entry. */
export class FollowedStream<Definition extends StreamDefinition = StreamDefinition> {
  readonly name: string;
  readonly collections: CollectionsOf<Definition['entries']>;
  /** The messages that may come beside the deltas. */
  readonly sideMessages: readonly SideMessage[];
  private readonly byPrefix: ReadonlyMap<string, EntryCollection<unknown, never[]>>;
  private readonly listeners = new Set<() => void>();
  private readonly receivers = new Map<string, (body: SideMessageBody) => void>();
  private snapshotReceived = false;

  constructor({ name, entries, beside }: Definition) {
    this.name = name;
    const made = Object.entries(entries).map(([kind, definition]) => {
      const collection = new EntryCollection(definition);
      return { kind, prefix: definition.prefix, collection };
    });
    // Each collection is made from the kind of that name.
    this.collections = Object.fromEntries(
      made.map(({ kind, collection }) => [kind, collection]),
    ) as unknown as CollectionsOf<Definition['entries']>;
    this.byPrefix = new Map(made.map(({ prefix, collection }) => [prefix, collection]));
    this.sideMessages = Object.values(beside);
  }

  /** False until the first snapshot: until then nothing is known, which is not the same as empty. */
  get hasSnapshot(): boolean {
    return this.snapshotReceived;
  }

  /** Grows with each change of an entry of any kind, and with the first snapshot. */
  get revision(): number {
    let changes = this.snapshotReceived ? 1 : 0;
    for (const collection of this.byPrefix.values()) changes += collection.revision;
    return changes;
  }

  /** Calls the listener after each delta and each snapshot. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls the receiver with each message of a type that travels beside the deltas. There is one receiver a type. */
  onMessage<Body extends SideMessageBody>({ type }: SideMessage<Body>, receiver: (body: Body) => void): void {
    // Bodies of this type were accepted by the schema of this type.
    this.receivers.set(type, receiver as (body: SideMessageBody) => void);
  }

  /** Replaces the whole content. Returns the keys whose values were refused. */
  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): string[] {
    const kept = new Set<string>();
    const refused: string[] = [];
    for (const [key, value] of entries) {
      kept.add(key);
      if (!this.apply(key, value)) refused.push(key);
    }
    for (const collection of this.byPrefix.values()) collection.retain(kept);
    this.snapshotReceived = true;
    this.notify();
    return refused;
  }

  /** Applies one delta. Returns the keys whose values were refused. */
  change(changes: readonly StreamChange[]): string[] {
    const refused = changes.filter(({ key, value }) => !this.apply(key, value)).map(({ key }) => key);
    this.notify();
    return refused;
  }

  receive<Body extends SideMessageBody>({ type }: SideMessage<Body>, body: Body): void {
    this.receivers.get(type)?.(body);
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }

  /** Keys of kinds that are not declared here come from an owner of a later release: they are skipped. */
  private apply(key: string, value: JsonValue | null): boolean {
    return this.byPrefix.get(key.split('/', 1)[0]!)?.apply(key, value) ?? true;
  }
}

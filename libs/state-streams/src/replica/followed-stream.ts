import type {
  EntryKind,
  JsonValue,
  SideMessage,
  SideMessageBody,
  StreamDefinition,
} from '@signalbox/contracts/streams';
import { EntryCollection, type Collection } from './collection.js';

type ByPrefix = ReadonlyMap<string, EntryCollection<unknown, never[]>>;

type CollectionsOf<Kinds extends StreamDefinition['entries']> = {
  readonly [Name in keyof Kinds]: Kinds[Name] extends EntryKind<infer Value, infer Names>
    ? Collection<Value, Names>
    : never;
};

/** An item of a delta or of a page; null removes the key. */
interface Item {
  readonly key: string;
  readonly value: JsonValue | null;
}

/** An item whose value was read. Where that is null or undefined, nothing is kept under the key. */
export interface ReadItem {
  readonly key: string;
  readonly value: unknown;
}

/** The content of one stream as this process knows it: a collection for each kind of entry. */
export class FollowedStream<Definition extends StreamDefinition = StreamDefinition> {
  readonly name: string;
  readonly collections: CollectionsOf<Definition['entries']>;
  /** The messages that may come beside the deltas. */
  readonly sideMessages: readonly SideMessage[];
  private readonly byPrefix: ByPrefix;
  /** The snapshot that is being received. */
  private incoming: ByPrefix = new Map();
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

  /**
   * Reads the values of a delta or a page, and says which keys' values were refused. Keys of kinds that are not declared here come from an owner
   * of a later release: they are skipped.
   */
  read<I extends Item>(items: readonly I[]): { read: (Omit<I, 'value'> & ReadItem)[]; refused: string[] } {
    const refused: string[] = [];
    const read = items.map((item) => {
      if (item.value === null) return item;
      const collection = collectionOf(this.byPrefix, item.key);
      const value = collection?.read(item.value);
      if (collection !== undefined && value === undefined) refused.push(item.key);
      return { ...item, value };
    });
    return { read, refused };
  }

  /** Begins to receive a snapshot, which is not shown before {@link showSnapshot}. */
  beginSnapshot(): void {
    this.incoming = new Map([...this.byPrefix].map(([prefix, collection]) => [prefix, collection.emptied()]));
  }

  addToSnapshot(entries: readonly ReadItem[]): void {
    applyTo(this.incoming, entries);
  }

  /**
   * Shows the snapshot that was received, with the changes that followed it, in place of the whole content: in steps, because listeners of entries
   * are called with each. Until the last step no other method may be called that changes anything, and {@link hasSnapshot} is what it was.
   */
  *showSnapshot(changes: readonly ReadItem[]): Generator<void> {
    applyTo(this.incoming, changes);
    const steps = [...this.byPrefix].map(([prefix, collection]) => collection.takeOver(this.incoming.get(prefix)!));
    this.incoming = new Map();
    for (const ofCollection of steps) yield* ofCollection;
    this.snapshotReceived = true;
    this.notify();
  }

  /** Applies one delta. */
  apply(changes: readonly ReadItem[]): void {
    applyTo(this.byPrefix, changes);
    this.notify();
  }

  /** Reads and applies one delta. Returns the keys whose values were refused. */
  change(changes: readonly Item[]): string[] {
    const { read, refused } = this.read(changes);
    this.apply(read);
    return refused;
  }

  /** Reads a small content and shows it in place of the whole one. Returns the keys whose values were refused. */
  reset(entries: readonly (readonly [key: string, value: JsonValue])[]): string[] {
    const { read, refused } = this.read(entries.map(([key, value]) => ({ key, value })));
    this.beginSnapshot();
    this.addToSnapshot(read);
    for (const _ of this.showSnapshot([]));
    return refused;
  }

  receive<Body extends SideMessageBody>({ type }: SideMessage<Body>, body: Body): void {
    this.receivers.get(type)?.(body);
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

function applyTo(collections: ByPrefix, items: readonly ReadItem[]): void {
  for (const { key, value } of items) collectionOf(collections, key)?.apply(key, value ?? undefined);
}

const collectionOf = (collections: ByPrefix, key: string): EntryCollection<unknown, never[]> | undefined =>
  collections.get(key.split('/', 1)[0]!);

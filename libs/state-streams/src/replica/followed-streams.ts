import type { StreamDefinition } from '@signalbox/contracts/streams';
import { FollowedStream } from './followed-stream.js';

export interface FollowOptions {
  /** False for a stream without which this process can answer all the same; true unless given. */
  readonly requiredForReadiness?: boolean;
}

/** Is called from the start on. */
export interface StreamsListener {
  readonly joined: (content: FollowedStream) => void;
  readonly left: (stream: StreamDefinition['name']) => void;
}

/** The streams this process follows: those that something in it reads. */
export class FollowedStreams {
  private readonly byName = new Map<string, FollowedStream>();
  private readonly required = new Set<string>();
  private listener: StreamsListener | undefined;

  /** The content of a stream, the same for every caller. To be called while the application is put together. */
  follow<Definition extends StreamDefinition>(
    definition: Definition,
    { requiredForReadiness = true }: FollowOptions = {},
  ): FollowedStream<Definition> {
    const { name } = definition;
    if (requiredForReadiness) this.required.add(name);
    // A name stands for one definition, so the content made for it has this type.
    const known = this.byName.get(name) as unknown as FollowedStream<Definition> | undefined;
    if (known === undefined && this.listener !== undefined)
      throw new Error(`the stream ${name} cannot be followed any more: following has started`);
    return known ?? this.add(definition);
  }

  /** Follows a stream that became known while the process runs; its readiness does not depend on it. Ends with {@link leave}. */
  join<Definition extends StreamDefinition>(definition: Definition): FollowedStream<Definition> {
    const content = this.add(definition);
    this.listener?.joined(content as unknown as FollowedStream);
    return content;
  }

  /** Does not follow a stream any more that was joined. Its content changes no more. */
  leave(name: StreamDefinition['name']): void {
    if (this.byName.delete(name)) this.listener?.left(name);
  }

  /** All of them so far; from now on others can only be joined. */
  start(
    listener: StreamsListener,
  ): readonly { readonly content: FollowedStream; readonly requiredForReadiness: boolean }[] {
    this.listener = listener;
    return [...this.byName.values()].map((content) => ({
      content,
      requiredForReadiness: this.required.has(content.name),
    }));
  }

  private add<Definition extends StreamDefinition>(definition: Definition): FollowedStream<Definition> {
    const content = new FollowedStream(definition);
    this.byName.set(definition.name, content as unknown as FollowedStream);
    return content;
  }
}

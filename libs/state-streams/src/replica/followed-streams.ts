import type { StreamDefinition } from '@signalbox/contracts/streams';
import { FollowedStream } from './followed-stream.js';

export interface FollowOptions {
  /** False for a stream without which this process can answer all the same; true unless given. */
  readonly requiredForReadiness?: boolean;
}

/** The streams this process follows: those that something in it reads. */
export class FollowedStreams {
  private readonly byName = new Map<string, FollowedStream>();
  private readonly required = new Set<string>();
  private started = false;

  /** The content of a stream, the same for every caller. To be called while the application is put together. */
  follow<Definition extends StreamDefinition>(
    definition: Definition,
    { requiredForReadiness = true }: FollowOptions = {},
  ): FollowedStream<Definition> {
    const { name } = definition;
    if (requiredForReadiness) this.required.add(name);
    const known = this.byName.get(name);
    // A name stands for one definition, so the content made for it has this type.
    if (known !== undefined) return known as unknown as FollowedStream<Definition>;
    if (this.started) throw new Error(`the stream ${name} cannot be followed any more: following has started`);
    const content = new FollowedStream(definition);
    this.byName.set(name, content as unknown as FollowedStream);
    return content;
  }

  /** All of them; from now on none can be added. */
  start(): readonly { readonly content: FollowedStream; readonly requiredForReadiness: boolean }[] {
    this.started = true;
    return [...this.byName.values()].map((content) => ({
      content,
      requiredForReadiness: this.required.has(content.name),
    }));
  }
}

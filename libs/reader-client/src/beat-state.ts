/** The state of a reader, as its heartbeats say it. `stopping` deregisters it. */
export type BeatState = 'loading' | 'ready' | 'stopping';

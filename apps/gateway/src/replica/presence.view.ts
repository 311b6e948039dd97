import type { ReplicaView } from './replica-view.js';

/** A stream of which only this is of interest here: that it is followed, where it stands and whether its owner speaks. */
export class PresenceView implements ReplicaView {
  readonly requiredForReadiness = false;

  constructor(readonly stream: string) {}

  reset(): void {
    // Nothing is made of its content.
  }

  changed(): void {
    // Nothing is made of its content.
  }
}

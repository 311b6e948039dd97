import { Injectable } from '@nestjs/common';
import { OWNER_AWAY_MS, Replicas } from '../replica/replicas.js';
import { RegistryView } from './registry.view.js';

/** Whether the registry is there to be asked, or what is known of it is its last word. */
@Injectable()
export class RegistryPresence {
  constructor(
    private readonly view: RegistryView,
    private readonly replicas: Replicas,
  ) {}

  get isStale(): boolean {
    const { silentMs, isInStep } = this.replicas.of(this.view.stream);
    // A registry that has just come back is heard before it is known what it has to say.
    return !isInStep || silentMs === undefined || silentMs > OWNER_AWAY_MS;
  }

  get isServing(): boolean {
    return !this.isStale && this.view.service?.state === 'serving';
  }
}

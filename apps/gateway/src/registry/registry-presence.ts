import { Injectable } from '@nestjs/common';
import { registryStream } from '@signalbox/contracts/streams';
import { Replicas } from '@signalbox/state-streams';
import { RegistryView } from './registry.view.js';

/** Whether the registry is available, and what is known of it current. */
@Injectable()
export class RegistryPresence {
  constructor(
    private readonly view: RegistryView,
    private readonly replicas: Replicas,
  ) {}

  get isStale(): boolean {
    const { isInStep, isOwnerAvailable } = this.replicas.of(registryStream.name);
    // The beacons of a registry that is back arrive before its snapshot does.
    return !isInStep || !isOwnerAvailable;
  }

  get isServing(): boolean {
    return !this.isStale && this.view.service?.state === 'serving';
  }
}

import { Injectable, type CanActivate } from '@nestjs/common';
import { frozenMessage } from '@signalbox/contracts/messages';
import { ApiError } from '../http/errors/api-error.js';
import { RegistryView } from './registry.view.js';
import { Stopping } from '../health/stopping.js';
import { notServing } from './registry-errors.js';
import { RegistryPresence } from './registry-presence.js';

/**
 * Refuses mutations at once where the registry would: while it loads, while it or this process stops, and where the configuration
 * is frozen. The registry itself checks each mutation again.
 */
@Injectable()
export class RegistryWrites {
  constructor(
    private readonly view: RegistryView,
    private readonly presence: RegistryPresence,
    private readonly stopping: Stopping,
  ) {}

  /** @throws ApiError 403 frozen, 503 */
  allow({ evenIfFrozen }: { evenIfFrozen: boolean }): void {
    const { service } = this.view;
    if (this.stopping.hasBegun) throw notServing('This gateway is stopping.');
    if (service === undefined || this.presence.isStale) throw notServing('The registry is unavailable.');
    if (service.state === 'initializing') throw notServing('The registry is still loading its projects.');
    if (service.state === 'draining') throw notServing('The registry is stopping.');
    if (service.frozen && !evenIfFrozen)
      throw new ApiError({ status: 403, code: 'frozen_config', detail: frozenMessage(service.frozen_because) });
  }
}

/** For routes that are mutations. */
@Injectable()
export class RegistryWritesGuard implements CanActivate {
  constructor(private readonly writes: RegistryWrites) {}

  /** @throws ApiError 403 frozen, 503 */
  canActivate(): boolean {
    this.writes.allow({ evenIfFrozen: false });
    return true;
  }
}

import { Injectable, type CanActivate } from '@nestjs/common';
import { ApiError } from '../../errors/api-error.js';
import { RegistryView } from '../../replica/registry.view.js';
import { Stopping } from '../../stopping.js';
import { notServing } from './registry-errors.js';
import { RegistryPresence } from './registry-presence.js';

/**
 * Refuses mutations at once where the registry would: while it loads, while it or this process stops, and where the configuration
 * is frozen. The registry has the last word on each of them.
 */
@Injectable()
export class RegistryWritesGuard implements CanActivate {
  constructor(
    private readonly view: RegistryView,
    private readonly presence: RegistryPresence,
    private readonly stopping: Stopping,
  ) {}

  /** @throws ApiError 403 frozen, 503 */
  canActivate(): boolean {
    const { service } = this.view;
    if (this.stopping.hasBegun) throw notServing('This gateway is stopping.');
    if (service === undefined || this.presence.isStale) throw notServing('The registry is away.');
    if (service.state === 'initializing') throw notServing('The registry is still loading its projects.');
    if (service.state === 'draining') throw notServing('The registry is stopping.');
    if (!service.frozen) return true;
    throw new ApiError({
      status: 403,
      code: 'frozen_config',
      detail: 'The configuration is frozen: signalbox.config.json says so (frozenConfig), or cannot be read. Nothing can be changed until that is mended and the registry has been started again.',
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { DataplaneView } from '../dataplanes/dataplane.view.js';
import { ConnectionChecks } from '../health/connection-checks.js';
import { presentPlatformStatus } from './platform.presenter.js';

/** The JSON of `GET /api/status`: built once a millisecond, however often it is requested. */
@Injectable()
export class PlatformStatusBody {
  private made: { readonly atMs: number; readonly json: string } | undefined;

  constructor(
    private readonly checks: ConnectionChecks,
    private readonly dataplanes: DataplaneView,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  now(): string {
    const atMs = Math.floor(this.clock.monotonic());
    if (this.made?.atMs !== atMs) {
      this.made = { atMs, json: JSON.stringify(presentPlatformStatus(this.checks.states, this.dataplanes.primary)) };
    }
    return this.made.json;
  }
}

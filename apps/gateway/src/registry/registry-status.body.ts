import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@signalbox/platform';
import { RegistryView } from './registry.view.js';
import { Stopping } from '../health/stopping.js';
import type { CachedBody } from '../http/caching/cached-body.js';
import { presentRegistryStatus } from './registry.presenter.js';
import { RegistryPresence } from './registry-presence.js';

const HEAD = '{"timestamp":';
const DIGITS = 13;

/** The bytes of `GET /api/v0/status`: built once per change. Only the thirteen digits of the timestamp differ in each answer. */
@Injectable()
export class RegistryStatusBody {
  /** Distinguishes the revisions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private made: { readonly key: string; readonly bytes: Buffer } | undefined;
  private shown: (CachedBody & { readonly now: number }) | undefined;

  constructor(
    private readonly view: RegistryView,
    private readonly presence: RegistryPresence,
    private readonly stopping: Stopping,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  now(): CachedBody {
    const now = Math.floor(this.clock.now());
    const { isStale } = this.presence;
    const isStopping = this.stopping.hasBegun;
    const key = `${this.process}.${this.view.revision}${isStale ? 's' : ''}${isStopping ? 'd' : ''}`;
    if (this.made?.key !== key) this.made = { key, bytes: this.build(now, isStale, isStopping) };
    else if (this.shown?.now === now) return this.shown;
    // A copy for each millisecond: a buffer that was handed to a socket is never changed.
    const bytes = Buffer.from(this.made.bytes);
    bytes.write(String(now), HEAD.length, DIGITS, 'latin1');
    this.shown = { now, etag: `W/"${key}"`, bytes };
    return this.shown;
  }

  private build(now: number, isStale: boolean, isStopping: boolean): Buffer {
    const { view } = this;
    const status = presentRegistryStatus({
      trees: view.trees(),
      loadErrors: view.loadErrors(),
      service: view.service,
      isStale,
      isStopping,
      now,
    });
    return Buffer.from(JSON.stringify(status));
  }
}

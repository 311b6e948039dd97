import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';
import { ReadersView } from './readers.view.js';
import type { CachedBody } from '../http/caching/cached-body.js';
import { appConfig } from './app-config.js';
import { presentReaderStatus } from './reader-status.presenter.js';
import { Listening } from '../http/listening.js';

/** The bytes of `GET /status`: built once per change of the readers, however often they are requested. */
@Injectable()
export class ReaderStatusBody {
  /** Distinguishes the revisions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private cached: (CachedBody & { revision: number }) | undefined;

  constructor(
    private readonly readers: ReadersView,
    private readonly listening: Listening,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  now(): CachedBody {
    const { revision } = this.readers;
    if (this.cached?.revision !== revision) {
      this.cached = { revision, etag: `"${this.process}.${revision}"`, bytes: this.build() };
    }
    return this.cached;
  }

  private build(): Buffer {
    const { readers } = this;
    const config = appConfig(this.config, this.listening.ports, readers.settings);
    return Buffer.from(JSON.stringify(presentReaderStatus(config, readers.hasSnapshot ? readers.all() : null)));
  }
}

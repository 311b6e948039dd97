import type { Server } from 'node:https';
import { describeError, every, type Clock, type Health, type Logger } from '@signalbox/platform';
import { pairOf, readTlsFiles, tlsSettings, type TlsFiles, type TlsPair } from './tls-files.js';

const EVERY_MS = 5_000;

export interface TlsReloadOptions {
  readonly files: TlsFiles;
  /** The one in use. */
  readonly pair: TlsPair;
  readonly server: Pick<Server, 'setSecureContext'>;
  readonly clock: Clock;
  readonly health: Health;
  readonly logger: Logger;
}

/**
 * Uses a new certificate for new connections soon after its files have changed; open connections go on. Files that cannot be used change
 * nothing: the certificate before stays, and log and health say so.
 */
export class TlsReload {
  private pair: TlsPair;
  private problem: string | undefined;

  constructor(private readonly options: TlsReloadOptions) {
    this.pair = options.pair;
    options.health.add(
      'tls certificate',
      () =>
        this.problem === undefined
          ? { status: 'up', detail: `valid to ${this.pair.validTo}` }
          : {
              status: 'down',
              detail: `the certificate before is in use, valid to ${this.pair.validTo}; ${this.problem}`,
            },
      { required: false },
    );
  }

  /** Returns how to stop. The files are read, not watched: a mounted secret is replaced in ways that no watch sees. */
  start(): () => void {
    const { clock } = this.options;
    return every({ clock, ms: EVERY_MS, background: true }, async () => this.check());
  }

  check(): void {
    const { files, server, logger } = this.options;
    try {
      const content = readTlsFiles(files);
      const isSame = content.cert.equals(this.pair.cert) && content.key.equals(this.pair.key);
      const found = isSame ? this.pair : pairOf(content, files);
      this.problem = undefined;
      if (isSame) return;
      server.setSecureContext(tlsSettings(found));
      this.pair = found;
      logger.info({ valid_to: found.validTo }, 'TLS certificate replaced');
    } catch (error) {
      const problem = describeError(error);
      if (problem !== this.problem) logger.warn({ reason: problem }, 'the TLS certificate before stays in use');
      this.problem = problem;
    }
  }
}

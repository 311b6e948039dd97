import type { Log } from './log-line.js';

// The types of this file are the package's own: an installation of it does not have @signalbox/contracts.

/** The description of a reader in each heartbeat. The bounds are those of the heartbeat schema (`docs/messages.md`). */
export interface ReaderIdentity {
  /** 1 to 200 of `A-Z a-z 0-9 . _ : / -`. */
  reader_id: string;
  /** Default: the reader id. */
  consumer_name?: string;
  consumer_groups: string[];
  model_name: string;
  model_type: string;
  device: string;
  /** The processes that serve the model; default: this one. */
  pids?: number[];
  /** Seconds between two heartbeats, a whole number; default 10. */
  heartbeat_wait_interval?: number;
  backend?: string;
  /** Configuration to show; members that look like credentials are refused. */
  config?: Record<string, unknown>;
}

export interface ReaderOptions extends ReaderIdentity {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. Never logged. */
  url: string;
  /** Default: `signalbox.heartbeats`. */
  exchange?: string;
  /** Called on the thread that started the reader. */
  log?: Log;
}

/** What may change while a reader runs. */
export type ReaderChange = Partial<Omit<ReaderIdentity, 'reader_id'>>;

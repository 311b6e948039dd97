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

/** The command to stop, as `DELETE /reader/{reader_id}` sends it. */
export interface StopCommand {
  reader_id: string;
  /** Of this incarnation. */
  boot_id: string;
  /** Unix ms by the clock of the gateway. */
  requested_at: number;
}

export interface ReaderSettings extends ReaderIdentity {
  /**
   * Ends the work of the reader. With it the reader declares a queue for commands, and is stopped by `DELETE /reader/{reader_id}`: this is
   * called once, then the reader deregisters as with `stop()` and the command is acknowledged, also where this throws or rejects.
   * Called on the thread that started the reader.
   */
  onStop?: (command: StopCommand) => void | Promise<void>;
}

/** How readers reach the broker. Exactly one of `url` and `urlFile` is required. */
export interface BrokerOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. Never logged. */
  url?: string;
  /** A file that holds the URL. It is read for each connection, so that a replaced password is used without a restart. */
  urlFile?: string;
  /** Default: `signalbox.heartbeats`. */
  exchange?: string;
  /** Called on the thread that started the reader. */
  log?: Log;
  /** On SIGTERM: deregister all readers, then let the signal end the process, unless something else listens for it. Default false. */
  stopOnSigterm?: boolean;
}

export interface ReaderOptions extends ReaderSettings, BrokerOptions {}

export interface ReaderHostOptions extends BrokerOptions {
  /**
   * The routing key of all messages of this host. It must stay the same from start to start, and an API key must cover it as if it was the
   * id of a reader. Default: the id of the reader that is added first.
   */
  routingKey?: string;
}

/** What may change while a reader runs. */
export type ReaderChange = Partial<Omit<ReaderIdentity, 'reader_id'>>;

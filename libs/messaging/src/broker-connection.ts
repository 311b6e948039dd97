import { Backoff, type BackoffBounds } from '@signalbox/platform';
import type { Duplex } from 'node:stream';

import type { ChannelModel } from 'amqplib';

import { hostOf } from './broker-url.js';
import type { Connect } from './options.js';
import { writeTogether } from './write-together.js';

/** How long opening a connection may take, and how long the peer may take to close it. */
const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

export interface BrokerConnectionOptions {
  /** Asked before each try to connect. */
  readonly nextUrl: () => string;
  readonly connect: Connect;
  /** Shown at the broker. */
  readonly name: string;
  readonly reconnect: BackoffBounds;
  /** Runs on every new connection before any listener gets it; its failure ends the connection. */
  readonly setup: (model: ChannelModel) => Promise<void>;
  /** After each change of `up` and `blocked`. */
  readonly onChange: () => void;
  /** After each loss and each try that failed, with host and port. */
  readonly onFailure: (error: unknown, host: string) => void;
}

/** Called with each new connection, and with undefined after its loss. Its promise is awaited before the connection counts as up. */
export type ModelListener = (model: ChannelModel | undefined) => Promise<void>;

/**
 * One connection that comes back. amqplib's own recovery is not used, for two reasons found in its source: it looks for the end
 * of a connection only after its setup has run, so one that ends in the same read as setup's last reply is never noticed; and
 * its close() waits without limit for a peer that went silent.
 */
export class BrokerConnection {
  up = false;
  blocked: string | undefined;
  private readonly backoff: Backoff;
  private readonly listeners = new Set<ModelListener>();
  private model: ChannelModel | undefined;
  /** The model once its setup is through. */
  private usable: ChannelModel | undefined;
  /** Of the latest try. */
  private host = '';
  private upSince = 0;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(private readonly options: BrokerConnectionOptions) {
    this.backoff = new Backoff(options.reconnect);
  }

  /** The connection while there is one whose setup is through. */
  get current(): ChannelModel | undefined {
    return this.usable;
  }

  /** Connects, and keeps connecting until `close`. */
  open(): void {
    void this.connect();
  }

  /** Adds a listener, which is called at once while there is a connection. Returns a function that removes it. */
  attach(listener: ModelListener): () => void {
    this.listeners.add(listener);
    if (this.usable) void listener(this.usable);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    if (this.model) await end(this.model);
  }

  /** Destroys the connection without a close handshake. */
  abort(): void {
    this.closing = true;
    clearTimeout(this.timer);
    if (this.model) destroy(this.model);
  }

  private async connect(): Promise<void> {
    try {
      const { nextUrl, name, connect } = this.options;
      const url = nextUrl();
      this.host = hostOf(url);
      const model = await connect(url, {
        noDelay: true,
        timeout: CONNECT_TIMEOUT_MS,
        clientProperties: { connection_name: name },
      });
      writeTogether(socketOf(model));
      await this.use(model);
    } catch (error) {
      this.retry(error);
    }
  }

  private async use(model: ChannelModel): Promise<void> {
    let reason: unknown;
    model.on('error', (error) => (reason = error));
    model.once('close', (error) => this.lost(model, error ?? reason));
    model.on('blocked', (why) => this.setBlocked(why));
    model.on('unblocked', () => this.setBlocked(undefined));
    this.model = model;
    if (this.closing) return end(model);
    try {
      await this.options.setup(model);
      if (this.model !== model) return;
      this.usable = model;
      await Promise.all(Array.from(this.listeners, (listener) => listener(model)));
    } catch (error) {
      reason ??= error;
      await end(model);
      // One that was closed in the same read as it was opened has emitted `close` before there was a listener.
      return this.lost(model, reason);
    }
    if (this.model !== model || this.closing) return;
    this.up = true;
    this.upSince = performance.now();
    this.options.onChange();
  }

  private lost(model: ChannelModel, reason: unknown): void {
    if (this.model !== model) return;
    // A connection that lived for a while earns a quick first try; one that is cut down again and again does not.
    if (this.up && performance.now() - this.upSince > this.options.reconnect.maxMs) this.backoff.reset();
    this.model = undefined;
    this.usable = undefined;
    this.up = false;
    this.blocked = undefined;
    for (const listener of this.listeners) void listener(undefined);
    this.options.onChange();
    // amqplib only half-closes the socket of a peer that went silent, which would stay for many minutes.
    setTimeout(() => destroy(model), CLOSE_TIMEOUT_MS).unref();
    this.retry(reason ?? new Error('connection closed'));
  }

  private retry(reason: unknown): void {
    if (this.closing) return;
    this.options.onFailure(reason, this.host);
    this.timer = setTimeout(() => void this.connect(), this.backoff.nextMs());
  }

  private setBlocked(reason: string | undefined): void {
    this.blocked = reason;
    this.options.onChange();
  }
}

/** Closes politely, and by force where the peer does not answer. Never throws. */
async function end(model: ChannelModel): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      destroy(model);
      resolve();
    }, CLOSE_TIMEOUT_MS);
  });
  // It fails where the connection is closed already, which is as good.
  const closed = Promise.resolve()
    .then(() => model.close())
    .catch(() => undefined);
  await Promise.race([closed, silence]);
  clearTimeout(timer);
}

/** With an error amqplib notices and cleans up its channels and timers. */
function destroy(model: ChannelModel): void {
  socketOf(model).destroy(new Error('gave up on a silent peer'));
}

/** amqplib keeps it to itself, but offers neither a way to give up a silent peer nor to write several messages at once. */
function socketOf(model: ChannelModel): Duplex {
  return (model.connection as unknown as { stream: Duplex }).stream;
}

import { connect, type Channel, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import { messageTypes } from '@signalbox/contracts/messages';

const CONNECT_TIMEOUT_MS = 5_000;
const CONFIRM_TIMEOUT_MS = 5_000;

const PROPERTIES: Options.Publish = { contentType: 'application/json', deliveryMode: 1, type: messageTypes.heartbeat };

/** As `amqplib` logs in where the URL names no user. */
const DEFAULT_USER = 'guest';

/** The reason of an error. A host name with two addresses that both refuse gives an error with a code and no message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  return message || String(code ?? error);
}

/** One connection with one confirm channel. When either fails, both end. */
export class BrokerSession {
  private blocked = false;
  private ended: string | undefined;
  private failPending: ((error: Error) => void) | undefined;

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
    private readonly properties: Options.Publish,
    /** Called once, with the reason, when nothing can be published any more. */
    private readonly onEnd: (reason: string) => void,
  ) {}

  /** @throws when the broker cannot be reached, refuses the login or does not answer in time. */
  static async open(url: string, onEnd: (reason: string) => void): Promise<BrokerSession> {
    const connection = await connect(url, { timeout: CONNECT_TIMEOUT_MS, noDelay: true });
    // Without a listener an 'error' event would end the process; 'close' follows with the same error.
    connection.on('error', () => undefined);
    // The broker compares it with the login: it proves to others who has sent a heartbeat.
    const properties = { ...PROPERTIES, userId: decodeURIComponent(new URL(url).username) || DEFAULT_USER };
    const session = new BrokerSession(connection, await connection.createConfirmChannel(), properties, onEnd);
    session.listen();
    return session;
  }

  /** A broker that is short of memory or disk stops reading; messages that are published then would only be queued here. */
  get isBlocked(): boolean {
    return this.blocked;
  }

  onUnblocked(run: () => void): void {
    this.connection.on('unblocked', run);
  }

  /** Resolves when the broker has confirmed the message. To be called for one message at a time. */
  async publish(exchange: string, routingKey: string, body: Buffer): Promise<void> {
    if (this.ended !== undefined) throw new Error(this.ended);
    const overdue = setInterval(() => {
      if (!this.blocked) this.end(`the broker confirmed nothing for ${CONFIRM_TIMEOUT_MS / 1_000} s`);
    }, CONFIRM_TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        this.failPending = reject;
        this.channel.publish(exchange, routingKey, body, this.properties, (error: unknown) =>
          error ? reject(error) : resolve(),
        );
      });
    } catch (error) {
      this.end(reasonOf(error));
      throw error;
    } finally {
      clearInterval(overdue);
      this.failPending = undefined;
    }
  }

  /** Another channel, whose end does not end the session. @param onClose called when the channel, or the session, ends */
  async openChannel(onClose: () => void): Promise<Channel> {
    const channel = await this.connection.createChannel();
    // As for the connection: 'close' follows.
    channel.on('error', () => undefined);
    channel.on('close', onClose);
    return channel;
  }

  /** Ends the session without waiting for the broker, which may not answer. */
  end(reason: string): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.connection.close().catch(() => undefined);
    this.failPending?.(new Error(reason));
    this.onEnd(reason);
  }

  private listen(): void {
    this.connection.on('close', (error?: Error) => this.end(error ? reasonOf(error) : 'the connection was closed'));
    this.connection.on('blocked', () => {
      this.blocked = true;
    });
    this.connection.on('unblocked', () => {
      this.blocked = false;
    });
    this.channel.on('error', (error: Error) => this.end(reasonOf(error)));
    this.channel.on('close', () => this.end('the channel was closed'));
  }
}

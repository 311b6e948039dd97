import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';

/** A program that has logged in to the broker, with a key or as a user. */
export class KeyClient {
  /** Resolves with the reason when the broker closes the connection. */
  readonly closedByBroker: Promise<string>;
  isOpen = true;

  private constructor(private readonly connection: ChannelModel) {
    connection.on('error', () => undefined);
    this.closedByBroker = new Promise((resolve) =>
      connection.once('close', (reason?: Error) => {
        this.isOpen = false;
        if (reason !== undefined) resolve(reason.message);
      }),
    );
  }

  static async connect(url: string): Promise<KeyClient> {
    return new KeyClient(await connect(url));
  }

  /** On a channel of its own. `done`, or why the broker refuses it. */
  async attempt(work: (channel: ConfirmChannel) => unknown): Promise<string> {
    const channel = await this.connection.createConfirmChannel();
    const refusal = new Promise<string>((resolve) => channel.once('error', (error: Error) => resolve(error.message)));
    const done = (async () => {
      await work(channel);
      await channel.waitForConfirms();
      await channel.close();
      return 'done';
    })().catch(() => refusal);
    return Promise.race([refusal, done]);
  }

  close(): Promise<void> {
    return this.connection.close().catch(() => undefined);
  }
}

/** `in`, or why the broker does not let this URL log in. */
export async function logIn(url: string): Promise<string> {
  try {
    await (await connect(url)).close();
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
}

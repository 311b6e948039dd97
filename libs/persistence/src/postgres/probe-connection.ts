import { valueNow, type Changing } from '@signalbox/platform';
import pg from 'pg';
import { CONNECT_TIMEOUT_MS, sessionOptions } from './session.js';

export interface ProbeConnectionOptions {
  readonly url: Changing<string>;
  readonly schema: string;
  readonly applicationName: string;
}

/** Longest wait for the answer to a ping. */
const PING_TIMEOUT_MS = 3_000;

/** A connection for the probe alone. A pool of which all connections are in use does not show whether the database answers. */
export class ProbeConnection {
  private client: Promise<pg.Client> | undefined;

  constructor(private readonly options: ProbeConnectionOptions) {}

  /** One round trip, on a new connection where there is none. @throws when the database does not answer */
  async ping(): Promise<void> {
    const connecting = (this.client ??= this.connect());
    try {
      const client = await connecting;
      await client.query('SELECT 1');
    } catch (error) {
      if (this.client === connecting) this.client = undefined;
      void end(connecting);
      throw error;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    if (this.client) await end(this.client);
  }

  private async connect(): Promise<pg.Client> {
    const { url, schema, applicationName } = this.options;
    const client = new pg.Client({
      connectionString: valueNow(url),
      application_name: `${applicationName} probe`,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: PING_TIMEOUT_MS,
      keepAlive: true,
      options: sessionOptions({ schema, timeoutMs: PING_TIMEOUT_MS }),
    });
    // A lost connection fails the next ping; an error event without a listener would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

async function end(connecting: Promise<pg.Client>): Promise<void> {
  const client = await connecting.catch(() => undefined);
  await client?.end().catch(() => undefined);
}

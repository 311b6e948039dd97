import { valueNow, type Changing } from '@signalbox/platform';
import pg from 'pg';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, STATEMENT_TIMEOUT_MS, sessionOptions } from './session.js';

export interface DedicatedConnectionOptions {
  readonly url: Changing<string>;
  readonly schema: string;
  readonly applicationName: string;
  /** Longest wait for the answer to a statement; {@link ANSWER_TIMEOUT_MS} by default. */
  readonly answerTimeoutMs?: number;
  /** As in {@link sessionOptions}. */
  readonly isDurable?: boolean;
}

/** A connection for one user alone. Its locks and notifications end with the session, so any failed query counts as its loss. */
export class DedicatedConnection {
  private readonly loss = new AbortController();
  private readonly client: pg.Client;
  private closing = false;

  /** Aborted as soon as the connection is lost or a query on it failed. */
  readonly lost: AbortSignal = this.loss.signal;

  private constructor({
    url,
    schema,
    applicationName,
    answerTimeoutMs = ANSWER_TIMEOUT_MS,
    isDurable = true,
  }: DedicatedConnectionOptions) {
    this.client = new pg.Client({
      connectionString: valueNow(url),
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: answerTimeoutMs,
      keepAlive: true,
      options: sessionOptions({ schema, timeoutMs: Math.min(STATEMENT_TIMEOUT_MS, answerTimeoutMs), isDurable }),
    });
    this.client.on('error', (error) => this.lose(error));
    this.client.on('end', () => this.lose(new Error('the database closed the connection')));
  }

  static async open(options: DedicatedConnectionOptions): Promise<DedicatedConnection> {
    const connection = new DedicatedConnection(options);
    try {
      await connection.client.connect();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  readonly query = async <Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> => {
    try {
      const { rows } = await this.client.query<Row>(sql, parameters);
      return rows;
    } catch (error) {
      this.lose(error);
      throw error;
    }
  };

  /** Calls `wake` at each notification on the channel. */
  readonly listen = async (channel: string, wake: () => void): Promise<void> => {
    this.client.on('notification', wake);
    await this.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  };

  /** Ends the session, and with it its locks. Never rejects. */
  async close(): Promise<void> {
    this.closing = true;
    await this.client.end().catch(() => undefined);
  }

  private lose(reason: unknown): void {
    if (!this.closing) this.loss.abort(reason);
  }
}

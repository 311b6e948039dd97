import { DedicatedConnection, type DedicatedConnectionOptions } from './dedicated-connection.js';

/**
 * A connection beside the pool, for statements that must be in time: they wait for no heavy statement, and for no free connection. It is opened with
 * the first statement, and again after a loss.
 */
export class ReservedConnection {
  private opening: Promise<DedicatedConnection> | undefined;

  constructor(private readonly options: DedicatedConnectionOptions) {}

  /** @throws the error of the database; the next statement gets another connection then */
  async query<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const connection = await (this.opening ??= this.open());
    return connection.query<Row>(sql, parameters);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    if (this.opening) await end(this.opening);
  }

  private open(): Promise<DedicatedConnection> {
    const opening = DedicatedConnection.open(this.options);
    const drop = (): void => {
      if (this.opening === opening) this.opening = undefined;
      void end(opening);
    };
    opening.then(({ lost }) => (lost.aborted ? drop() : lost.addEventListener('abort', drop)), drop);
    return opening;
  }
}

async function end(opening: Promise<DedicatedConnection>): Promise<void> {
  const connection = await opening.catch(() => undefined);
  await connection?.close();
}

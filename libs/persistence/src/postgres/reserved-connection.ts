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
    const opening = (this.opening ??= DedicatedConnection.open(this.options));
    try {
      const connection = await opening;
      if (connection.lost.aborted && this.opening === opening) {
        this.drop(opening);
        return await this.query(sql, parameters);
      }
      return await connection.query<Row>(sql, parameters);
    } catch (error) {
      this.drop(opening);
      throw error;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    if (this.opening) await end(this.opening);
  }

  private drop(opening: Promise<DedicatedConnection>): void {
    if (this.opening === opening) this.opening = undefined;
    void end(opening);
  }
}

async function end(opening: Promise<DedicatedConnection>): Promise<void> {
  const connection = await opening.catch(() => undefined);
  await connection?.close();
}

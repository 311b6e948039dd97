import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  askedBy,
  datasourceReply,
  datasourceRequestTypes,
  deadLettersTopology,
  exchanges,
  type DatasourceReply,
} from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { sealRequest } from '@signalbox/nest-service';
import {
  collectLogs,
  eventually,
  testBroker,
  testDatabase,
  type TestBroker,
  type TestDatabase,
} from '@signalbox/testing';
import { configOf, sealedBodyOf } from './store.js';

const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url));
const CHANGES = 'test.changes';

/** A change as a consumer gets it. */
export interface Arrived {
  readonly id: string;
  readonly key: string;
  readonly body: { readonly op: string; readonly table: string; readonly after: Record<string, unknown> | null };
}

/** The service as a process, with a broker and a database of its own, and a consumer of its changes. */
export class SyncService {
  readonly changes: Arrived[] = [];
  output = '';
  private child: ChildProcess | undefined;
  private readonly key = randomBytes(32).toString('base64');

  private constructor(
    private readonly broker: TestBroker,
    private readonly database: TestDatabase,
    private readonly amqp: Amqp,
  ) {}

  static async start(): Promise<SyncService> {
    const [broker, database] = await Promise.all([testBroker(), testDatabase()]);
    const amqp = new Amqp({
      url: broker.url,
      name: 'test',
      logger: collectLogs().logger,
      topology: {
        exchanges: [exchanges.changes, exchanges.requests, ...deadLettersTopology.exchanges],
        queues: [{ name: CHANGES, durable: true }, ...deadLettersTopology.queues],
        bindings: [{ exchange: exchanges.changes.name, queue: CHANGES, key: '#' }, ...deadLettersTopology.bindings],
      },
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    await amqp.open();
    const service = new SyncService(broker, database, amqp);
    amqp.subscribeBatch({
      queue: CHANGES,
      handler: (batch) => {
        for (const { messageId, routingKey, content } of batch)
          service.changes.push({
            id: String(messageId),
            key: routingKey,
            body: JSON.parse(content.toString()) as Arrived['body'],
          });
      },
    });
    await service.run();
    return service;
  }

  /** Starts the process, also after `kill`. */
  async run(): Promise<void> {
    const child = fork(MAIN, {
      env: { ...this.env, LOG_LEVEL: 'info', SIGNALBOX_MANAGEMENT_PORT: '0', SIGNALBOX_ALLOW_LOOPBACK_TARGETS: 'true' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.child = child;
    await once(child, 'message');
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** Process ids of its workers. */
  workers(): number[] {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number);
  }

  async kill(): Promise<void> {
    const { child } = this;
    child!.kill('SIGKILL');
    await once(child!, 'exit');
  }

  async request(type: keyof typeof datasourceRequestTypes, body?: unknown, id?: string): Promise<DatasourceReply> {
    const config = configOf('postgres://unused', { SIGNALBOX_SECRET_KEYS: this.key });
    const { publicKey } = sealedBodyOf(config);
    const message = { type: datasourceRequestTypes[type], messageId: randomUUID() };
    const request = {
      by: askedBy.parse({ key_id: 'key', request_id: 'req_1', address: '127.0.0.1' }),
      account: 'acme',
      mode: 'live',
      ...(id !== undefined && { id }),
    };
    return this.amqp.request({
      exchange: exchanges.requests.name,
      routingKey: 'datasource-sync',
      ...message,
      schema: datasourceReply,
      timeoutMs: 20_000,
      body: body === undefined ? request : sealRequest(request, body, { publicKey, now: Date.now(), ...message }),
    });
  }

  /** The rows of a table as a consumer has them that applies each change once. */
  rows(table: string): ReadonlyMap<unknown, Record<string, unknown>> {
    const rows = new Map<unknown, Record<string, unknown>>();
    const seen = new Set<string>();
    for (const { id, body } of this.changes) {
      if (body.table !== table || seen.has(id)) continue;
      seen.add(id);
      if (body.op === 'truncate') rows.clear();
      else if (body.after !== null) rows.set(body.after['id'], body.after);
    }
    return rows;
  }

  async stop(): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    await this.amqp.close();
    await Promise.all([this.broker.remove(), this.database.remove()]);
  }

  private get env(): Record<string, string> {
    return {
      DATABASE_URL: this.database.url,
      RABBITMQ_URL: this.broker.url,
      BROKER_SENDERS: 'unchecked',
      SIGNALBOX_SECRET_KEYS: this.key,
    };
  }
}

/** Waits for a condition, and shows what the service logged where it does not come. */
export async function eventuallyIn(service: SyncService, check: () => boolean): Promise<void> {
  try {
    await eventually(check, { timeoutMs: 50_000 });
  } catch (error) {
    throw new Error(`${String(error)}\n${service.output.slice(-6_000)}`, { cause: error });
  }
}

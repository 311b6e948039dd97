import { exchanges } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { Metrics, systemClock, type JsonValue } from '@signalbox/platform';
import { collectLogs, eventually, TcpProxy, testBroker } from '@signalbox/testing';
import { connect, type ConsumeMessage } from 'amqplib';
import { Fleet, type FleetOptions } from '../../src/fleet/fleet.js';
import { PublishingMetrics } from '../../src/publishing/publishing.metrics.js';
import type { Assignment, EndpointAssignment } from '../../src/work/assignment.js';
import type { AttemptReport, FollowerReport } from '../../src/work/follower.js';
import type { HeldDatasources } from '../../src/work/held-datasources.js';
import type { PositionRecord, Records } from '../../src/work/records.js';

const QUEUE = 'test.changes';

const FAKE_WORKER = {
  module: new URL('fake-worker.mjs', import.meta.url),
  readable: ['../../dist/', '../../package.json', '../../../../libs/', '../../../../node_modules/'].map(
    (path) => new URL(path, import.meta.url),
  ),
};

/** What a follower of the test worker is to do. */
export interface Behaviour {
  readonly total?: number;
  readonly batch?: number;
  readonly underWay?: number;
  readonly body?: number;
  /** A position that is stored without changes at the end. */
  readonly ends?: string;
  readonly does?: 'crash' | 'eat';
  readonly finds?: 'nothing' | 'crash' | 'spy' | 'forge';
}

/** Datasources that the test assigns and takes back. */
export class TestHeld implements HeldDatasources {
  readonly lost = new Set<string>();
  private readonly assignments = new Map<string, Assignment>();
  private readonly assigned: ((assignment: Assignment) => void)[] = [];
  private readonly released: ((id: string) => void)[] = [];

  onAssigned = (listener: (assignment: Assignment) => void): void => void this.assigned.push(listener);
  onReleased = (listener: (id: string) => void): void => void this.released.push(listener);
  current = (): Assignment[] => [...this.assignments.values()];
  isHeld = (id: string, fence: number): boolean => !this.lost.has(id) && this.assignments.get(id)?.fence === fence;

  give(id: string, behaviour: Behaviour, changes: Partial<EndpointAssignment> = {}): Assignment {
    const assignment: EndpointAssignment = {
      id,
      fence: 1,
      version: 1,
      livemode: false,
      targets: { allowLoopback: true, allowPrivate: true },
      task: 'follow',
      position: null,
      generation: 0,
      connection: 'endpoint',
      source: { url: JSON.stringify(behaviour), signingKeys: [] },
      pollIntervalMs: 1_000,
      ...changes,
    };
    this.assignments.set(id, assignment);
    for (const listener of this.assigned) listener(assignment);
    return assignment;
  }

  take(id: string): void {
    this.assignments.delete(id);
    for (const listener of this.released) listener(id);
  }
}

/** What was stored. */
export class TestRecords implements Records {
  readonly reports = new Map<string, FollowerReport[]>();
  readonly positions = new Map<string, JsonValue>();
  readonly releases: string[] = [];
  failing = false;

  report(id: string, _fence: number, state: FollowerReport): void {
    this.reports.set(id, [...(this.reports.get(id) ?? []), state]);
  }

  attempt(_id: string, _fence: number, _attempt: AttemptReport): void {}

  async savePosition({ id, position }: PositionRecord): Promise<void> {
    if (this.failing) throw new Error('the database is not available');
    this.positions.set(id, position);
  }

  released(id: string): void {
    this.releases.push(id);
  }

  codes = (id: string): (string | undefined)[] => (this.reports.get(id) ?? []).map(({ sync }) => sync.error?.code);
  done = (id: string): Promise<boolean> => eventually(() => this.codes(id).includes('done'));
  /** Process ids of the workers that began to work on it. */
  pids = (id: string): (string | undefined)[] =>
    (this.reports.get(id) ?? [])
      .filter(({ sync }) => sync.error?.code === 'begun')
      .map(({ sync }) => sync.error?.message);
}

/** A change as it arrives. */
export interface Change {
  readonly key: string;
  readonly id: string;
  readonly body: string;
}

/** A fleet of workers of the test over a real broker, and a queue that gets every change. */
export class FleetBench {
  readonly held = new TestHeld();
  readonly records = new TestRecords();
  readonly deaths: string[] = [];
  private readonly arrived: Change[] = [];
  readonly logs = collectLogs();
  private readonly fleets: Fleet[] = [];

  private constructor(
    /** Between the fleet and the broker. */
    readonly line: TcpProxy,
    readonly amqp: Amqp,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<FleetBench> {
    const broker = await testBroker();
    const model = await connect(broker.url);
    const channel = await model.createChannel();
    const url = new URL(broker.url);
    const line = await TcpProxy.start({ port: Number(url.port), host: url.hostname });
    url.port = String(line.port);
    const amqp = new Amqp({
      url: url.href,
      name: 'datasource-sync',
      logger: collectLogs().logger,
      topology: {
        exchanges: [exchanges.changes, exchanges.deadLetters],
        queues: [{ name: QUEUE, durable: true }],
        bindings: [{ exchange: exchanges.changes.name, queue: QUEUE, key: '#' }],
      },
      deadLetters: { exchange: exchanges.deadLetters.name },
    });
    void amqp.batchPublisher;
    await amqp.open();
    const bench = new FleetBench(line, amqp, async () => {
      await amqp.close();
      await line.close();
      await model.close();
      await broker.remove();
    });
    await channel.consume(QUEUE, bench.take, { noAck: true });
    return bench;
  }

  fleet(changes: Partial<FleetOptions> = {}): Fleet {
    const fleet = new Fleet({
      held: this.held,
      records: this.records,
      clock: systemClock,
      logger: this.logs.logger,
      publishing: {
        publisher: this.amqp.batchPublisher,
        metrics: new PublishingMetrics(new Metrics({ service: 'test' })),
      },
      limits: { size: { direct: 8, endpoint: 4 }, workers: 16, calmMs: 600_000 },
      worker: FAKE_WORKER,
      workerMemoryBytes: 2 ** 28,
      onDeath: (reason) => this.deaths.push(reason),
      ...changes,
    });
    this.fleets.push(fleet);
    fleet.start();
    return fleet;
  }

  /** The changes of a datasource in the order in which they arrived, when there are so many. */
  changes(id: string, count: number): Promise<readonly Change[]> {
    return eventually(() => {
      const own = this.arrived.filter(({ key }) => key.startsWith(`${id}.`));
      return own.length >= count && own;
    });
  }

  private readonly take = (message: ConsumeMessage | null): void => {
    if (message === null) return;
    const { messageId } = message.properties as { messageId: string };
    this.arrived.push({ key: message.fields.routingKey, id: messageId, body: message.content.toString() });
  };

  async stop(): Promise<void> {
    await Promise.all(this.fleets.map((fleet) => fleet.stop()));
    await this.close();
  }
}

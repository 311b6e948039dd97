import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  commandKey,
  controlQueue,
  dataplaneCommandTypes,
  dataplaneControlTopology,
  dataplaneEvent,
  dataplaneReport,
  dataplaneTopology,
  eventsQueue,
  exchanges,
  handlersTopology,
  mergeTopologies,
  reportsQueue,
  type DataplaneEvent,
  type DataplaneReport,
  type OperationRequest,
} from '@signalbox/contracts/messages';
import { declareTopology } from '@signalbox/messaging';
import { eventually, testBroker, type TestBroker } from '@signalbox/testing';
import { connect, type Channel } from 'amqplib';

const MAIN = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const BY = { key_id: null, request_id: 'test', address: '127.0.0.1' };

/** An agent's process, and what it wrote. */
export interface AgentProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly managementPort: Promise<number>;
  readonly output: () => string;
}

/** A broker with the queues of dataplane-control, what was received from them, and the agents started beside it. */
export class Bench {
  readonly reports: DataplaneReport[] = [];
  readonly events: (DataplaneEvent & { messageId: string })[] = [];
  private readonly agents: AgentProcess[] = [];

  channel!: Channel;
  private disconnect: () => Promise<void> = async () => undefined;

  private constructor(readonly broker: TestBroker) {}

  static async start(): Promise<Bench> {
    const bench = new Bench(await testBroker());
    await bench.connect();
    return bench;
  }

  /** Again after the broker has closed all connections. */
  async connect(): Promise<void> {
    const model = await connect(this.broker.url);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    this.channel = channel;
    this.disconnect = () => model.close().catch(() => undefined);
    await declareTopology(channel, mergeTopologies(handlersTopology('dataplane-control'), dataplaneControlTopology()));
    const consume = (queue: string, take: (body: unknown, messageId: string) => void) =>
      channel.consume(
        queue,
        (message) => message && take(JSON.parse(message.content.toString()), String(message.properties.messageId)),
        { noAck: true },
      );
    await consume(reportsQueue.name, (body) => this.reports.push(dataplaneReport.parse(body)));
    await consume(eventsQueue.name, (body, messageId) =>
      this.events.push({ ...dataplaneEvent.parse(body), messageId }),
    );
  }

  /** As dataplane-control does at the first report of a dataplane. */
  async declare(name: string): Promise<void> {
    await declareTopology(this.channel, dataplaneTopology(name));
  }

  agent(env: Record<string, string> = {}): AgentProcess {
    const base = {
      RABBITMQ_URL: this.broker.url,
      BROKER_SENDERS: 'unchecked',
      SIGNALBOX_REPORT_INTERVAL_MS: '200',
      LOG_LEVEL: 'debug',
    };
    const child = fork(MAIN, [], {
      env: { PATH: process.env['PATH'], ...base, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    const managementPort = once(child, 'message').then(
      ([message]) => (message as { managementPort: number }).managementPort,
    );
    managementPort.catch(() => undefined);
    const agent = { child, exited, managementPort, output: () => output };
    this.agents.push(agent);
    return agent;
  }

  /** The first report in which `condition` holds, among those received already and those to come. */
  report(condition: (report: DataplaneReport) => boolean): Promise<DataplaneReport> {
    return eventually(() => this.reports.find(condition));
  }

  latest(): DataplaneReport | undefined {
    return this.reports.at(-1);
  }

  event(condition: (event: DataplaneEvent) => boolean): Promise<DataplaneEvent> {
    return eventually(() => this.events.find(condition));
  }

  steps(id: string): string[] {
    return this.events
      .filter((event) => (event.kind === 'restart' ? event.restart_id : event.operation_id) === id)
      .map(({ step }) => step);
  }

  /** @param sent the routing key and the headers, where they are others than those of the gateway */
  run(
    dataplane: string,
    operationId: string,
    request: OperationRequest,
    { key = commandKey(dataplane, 'run'), headers = {} }: { key?: string; headers?: Record<string, unknown> } = {},
  ): void {
    const body = { operation_id: operationId, dataplane, request, requested_at: Date.now(), by: BY };
    this.send(key, dataplaneCommandTypes.run, body, headers);
  }

  shutdown(
    dataplane: string,
    options: { restartId: string; bootId: string; drainSeconds?: number; expiresAt?: number },
  ): void {
    const body = {
      restart_id: options.restartId,
      dataplane,
      boot_id: options.bootId,
      drain_seconds: options.drainSeconds ?? 5,
      requested_at: Date.now(),
      expires_at: options.expiresAt ?? Date.now() + 60_000,
      reason: 'a test',
      by: BY,
    };
    this.send(commandKey(dataplane, 'shutdown'), dataplaneCommandTypes.shutdown, body);
  }

  cancel(dataplane: string, operationId: string): void {
    const body = { operation_id: operationId, dataplane };
    this.send(commandKey(dataplane, 'cancel'), dataplaneCommandTypes.cancel, body);
  }

  askHealth(dataplane: string): void {
    this.send(commandKey(dataplane, 'health'), dataplaneCommandTypes.healthRequest, {});
  }

  /** Any message, directly into the control queue. */
  sendRaw(dataplane: string, type: string, content: string): void {
    this.channel.sendToQueue(controlQueue(dataplane).name, Buffer.from(content), {
      type,
      contentType: 'application/json',
    });
  }

  async stop(): Promise<void> {
    for (const { child } of this.agents) child.kill('SIGKILL');
    await Promise.all(this.agents.map(({ exited }) => exited));
    await this.disconnect();
    await this.broker.remove();
  }

  private send(key: string, type: string, body: unknown, headers: Record<string, unknown> = {}): void {
    const properties = { type, persistent: true, mandatory: true, contentType: 'application/json', headers };
    this.channel.publish(exchanges.commands.name, key, Buffer.from(JSON.stringify(body)), properties);
  }
}

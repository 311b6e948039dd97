import { exchanges, operationsQueue, type DataplaneReport, type ShutdownCommand } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import type { Clock, Logger } from '@signalbox/platform';
import { connect } from 'amqplib';
import { bootId } from './boot-id.js';
import { ChannelCount } from './broker/channel-count.js';
import { QueueDepth } from './broker/queue-depth.js';
import { EventTeller, type News } from './broker/tell-events.js';
import type { BuildInfo } from './build/build-info.js';
import type { Config } from './config.js';
import { Control } from './control/control.js';
import { within } from './control/within.js';
import { makeEngine } from './engines/make-engine.js';
import type { Engine } from './engines/engine.js';
import { Operations } from './operations/operations.js';
import { Reporter } from './reports/reporter.js';
import { NameResolver } from './routes/name-resolver.js';
import { RouteProber } from './routes/route-prober.js';

/** How long what was interrupted may take to be settled, and each last word to be confirmed, ms. */
const SETTLE_MS = 5_000;
const LAST_WORD_MS = 3_000;

/** How old the number of waiting operations may be, ms. */
const DEPTH_EVERY_MS = 1_000;

/** The queues appear when the first report was heard; they are looked for this often. */
const RECONNECT = { minMs: 100, maxMs: 2_000 };

export interface AgentOptions {
  readonly config: Config;
  readonly build: BuildInfo;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A restart was obeyed to its end: the process is to go. */
  readonly exit: () => void;
}

/** How the agent is to stop. */
interface StopOrder {
  readonly drainMs: number;
  /** The restart that asked for it, where one did. */
  readonly restartId?: string;
}

/** The process beside an engine: says how it is, hears what it is told, runs what it is given. */
export class Agent {
  readonly channels = new ChannelCount(connect);
  readonly amqp: Amqp;
  readonly engine: Engine;
  private readonly events: EventTeller;
  private readonly reporter: Reporter;
  private readonly control: Control;
  private readonly operations: Operations | undefined;
  private readonly depth: QueueDepth | undefined;
  private readonly prober: RouteProber;
  private readonly names = new NameResolver();
  private readonly interrupt = new AbortController();
  private readonly startedAt: number;
  private phase: 'working' | 'draining' | 'stopped' = 'working';
  private told: DataplaneReport['state'] = 'starting';
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: AgentOptions) {
    const { config, clock, logger } = options;
    const dataplane = config.SIGNALBOX_DATAPLANE;
    const onChange = (): void => this.changed();
    this.startedAt = clock.now();
    this.amqp = new Amqp({
      url: config.RABBITMQ_URL,
      name: `dataplane-agent.${dataplane}`,
      logger,
      topology: { exchanges: [], queues: [], bindings: [] },
      deadLetters: { exchange: exchanges.deadLetters.name },
      reconnect: RECONNECT,
      connect: this.channels.connect,
    });
    const { publisher } = this.amqp;
    this.events = new EventTeller({ dataplane, bootId, publisher, clock, logger });
    this.reporter = new Reporter({
      dataplane,
      intervalMs: config.SIGNALBOX_REPORT_INTERVAL_MS,
      publisher,
      accepting: () => this.amqp.status().blocked === undefined,
      compose: () => this.compose(),
      clock,
      logger,
    });
    this.engine = makeEngine({ config, clock, logger, onChange });
    this.prober = new RouteProber({
      routes: config.SIGNALBOX_PRIVATE_ROUTES,
      intervalMs: config.SIGNALBOX_ROUTE_PROBE_INTERVAL_MS,
      timeoutMs: config.SIGNALBOX_ROUTE_TIMEOUT_MS,
      resolve: (host) => this.names.resolve(host),
      clock,
      logger,
    });
    const common = {
      amqp: this.amqp,
      dataplane,
      events: this.events,
      interrupt: this.interrupt.signal,
      logger,
      onChange,
    };
    this.control = new Control({
      ...common,
      bootId,
      clock,
      onHealthRequest: () => this.reporter.now(),
      onShutdown: (command) => void this.obey(command),
    });
    if (this.engine.operations) {
      this.operations = new Operations({ ...common, runner: this.engine.operations });
      const queue = operationsQueue(dataplane).name;
      this.depth = new QueueDepth({
        queue,
        intervalMs: DEPTH_EVERY_MS,
        clock,
        model: () => this.channels.model,
        onAnswer: () => this.reporter.soon(),
      });
    }
    this.amqp.onStatus(({ up }) => up && this.reporter.now());
  }

  /** Begins; nothing of it waits for the broker. */
  start(): void {
    this.engine.start();
    this.amqp
      .open()
      .catch((error: unknown) => this.options.logger.debug({ err: error }, 'closed before the broker was there'));
    this.prober.start();
    this.depth?.start();
    this.reporter.start();
  }

  get state(): DataplaneReport['state'] {
    if (this.phase !== 'working') return this.phase;
    const hears = this.control.active && (this.operations?.active ?? true);
    return hears && this.engine.ready ? 'running' : 'starting';
  }

  /** Why it does not run yet, for people. */
  private get reason(): string | undefined {
    if (this.state !== 'starting') return undefined;
    if (!this.engine.ready) return this.engine.problem ?? 'the engine is not ready';
    return 'its queues are not there or do not answer';
  }

  /** Stops in order and within bounds. Asked again while it stops, the shorter drain counts. */
  stop(order: StopOrder): Promise<void> {
    const cancel = this.options.clock.schedule(order.drainMs, () => this.interrupt.abort());
    this.stopped ??= this.stopOnce(order);
    return this.stopped.finally(cancel);
  }

  private async stopOnce({ drainMs, restartId }: StopOrder): Promise<void> {
    const { logger } = this.options;
    logger.info({ drainMs, running: this.engine.work().running }, 'draining');
    this.phase = 'draining';
    const settled = Promise.all([
      this.control.close(),
      this.operations?.close(),
      this.engine.idle?.(this.interrupt.signal),
    ]);
    this.changed();
    const draining = this.lastWord(restartId, 'draining');
    await Promise.race([settled, this.interrupted()]);
    if (!(await within(SETTLE_MS, settled)))
      logger.warn('what was taken from the broker is not settled in time; it goes back by itself');
    this.interrupt.abort();
    await draining;
    await this.goodbye();
    await this.lastWord(restartId, 'down');
    this.prober.stop();
    this.names.stop();
    await within(LAST_WORD_MS, this.engine.stop());
    await this.amqp
      .close(SETTLE_MS)
      .catch((error: unknown) => logger.warn({ err: error }, 'the connection was cut off'));
  }

  private async obey({ restart_id, drain_seconds }: ShutdownCommand): Promise<void> {
    const { logger, exit } = this.options;
    await this.stop({ drainMs: drain_seconds * 1_000, restartId: restart_id });
    logger.info({ restart: restart_id }, 'the restart is obeyed; the supervisor starts the next life');
    exit();
  }

  private async goodbye(): Promise<void> {
    this.phase = 'stopped';
    this.depth?.stop();
    this.reporter.stop();
    const confirmed = this.reporter
      .last()
      .catch((error: unknown) => this.options.logger.debug({ err: error }, 'the goodbye was not confirmed'));
    await within(LAST_WORD_MS, confirmed);
  }

  private async lastWord(
    restartId: string | undefined,
    step: Extract<News, { kind: 'restart' }>['step'],
  ): Promise<void> {
    if (restartId === undefined) return;
    const told = this.events.tell({ kind: 'restart', restart_id: restartId, step }, AbortSignal.timeout(LAST_WORD_MS));
    await told.catch((error: unknown) =>
      this.options.logger.warn({ err: error, step }, 'a step of the restart could not be told'),
    );
  }

  private interrupted(): Promise<void> {
    const { signal } = this.interrupt;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** What has changed is told at once; how much work there is, with what then waits at the broker. */
  private changed(): void {
    const { state } = this;
    if (state === this.told) {
      if (this.depth) this.depth.refresh();
      else this.reporter.soon();
      return;
    }
    this.options.logger.info({ state, before: this.told }, 'state changed');
    this.told = state;
    this.reporter.now();
  }

  private compose(): Omit<DataplaneReport, 'seq'> {
    const { config, build } = this.options;
    const { running, queued } = this.engine.work();
    const routes = this.prober.results();
    return {
      dataplane: config.SIGNALBOX_DATAPLANE,
      boot_id: bootId,
      state: this.state,
      engine: this.engine.name,
      pid: process.pid,
      started_at: this.startedAt,
      status: { ...build, ...this.engine.status() },
      ...(this.reason !== undefined && { reason: this.reason }),
      operations: [...(this.engine.operations?.kinds ?? [])],
      thread_pool: {
        running: [...running],
        queued: queued + (this.operations?.waiting ?? 0) + (this.depth?.waiting ?? 0),
        channels: this.channels.count,
      },
      ...(routes && { private_routes: routes }),
    };
  }
}

import { operationsQueue, type DataplaneReport, type ShutdownCommand } from '@signalbox/contracts/messages';
import { messagingRecorder, type Amqp } from '@signalbox/messaging';
import { settlesWithin, type Clock, type Logger, type Metrics } from '@signalbox/platform';
import { connect } from 'amqplib';
import { bootId } from './boot-id.js';
import { ChannelCount } from './broker/channel-count.js';
import { EventPublisher } from './broker/event-publisher.js';
import { makeAmqp } from './broker/make-amqp.js';
import { QueueDepth } from './broker/queue-depth.js';
import type { BuildInfo } from './build/build-info.js';
import type { Config } from './config.js';
import { ControlCommands } from './control/control-commands.js';
import type { Engine } from './engines/engine.js';
import { AgentState } from './lifecycle/agent-state.js';
import { GracefulStop, type StopOrder } from './lifecycle/graceful-stop.js';
import { LAST_MESSAGE_MS, SETTLE_MS } from './lifecycle/stop-bounds.js';
import { makeEngine } from './make-engine.js';
import { RunCommands } from './operations/run-commands.js';
import { composeReport } from './reports/compose-report.js';
import { Reporter } from './reports/reporter.js';
import { NameResolver } from './routes/name-resolver.js';
import { RouteProber } from './routes/route-prober.js';

/** How old the number of waiting operations may be, ms. */
const QUEUE_DEPTH_INTERVAL_MS = 1_000;

export interface AgentOptions {
  readonly config: Config;
  readonly build: BuildInfo;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a restart was executed to its end: the process is to exit. */
  readonly onRestartDone: () => void;
}

/** The process beside an engine: reports its state, executes shutdown commands, runs operations. Here its parts are put together. */
export class Agent {
  readonly channels = new ChannelCount(connect);
  readonly amqp: Amqp;
  readonly engine: Engine;
  readonly state: AgentState;
  private readonly reporter: Reporter;
  private readonly control: ControlCommands;
  private readonly operations: RunCommands | undefined;
  private readonly depth: QueueDepth | undefined;
  private readonly prober: RouteProber;
  private readonly names = new NameResolver();
  private readonly stopping: GracefulStop;
  private readonly startedAt: number;

  constructor(private readonly options: AgentOptions) {
    const { config, metrics, clock, logger } = options;
    const dataplane = config.SIGNALBOX_DATAPLANE;
    const onChange = (): void => this.changed();
    this.startedAt = clock.now();
    const { connect: counted } = this.channels;
    const recorder = messagingRecorder(metrics);
    this.amqp = makeAmqp({
      url: () => config.RABBITMQ_URL,
      dataplane,
      checksSenders: config.BROKER_SENDERS === 'checked',
      connect: counted,
      recorder,
      logger,
    });
    const { publisher } = this.amqp;
    const events = new EventPublisher({ dataplane, bootId, publisher, clock, logger });
    this.engine = makeEngine({ config, clock, logger, onChange });
    const isConsuming = (): boolean => this.control.active && (this.operations?.active ?? true);
    this.state = new AgentState({ engine: this.engine, isConsuming, logger });
    this.reporter = new Reporter({
      dataplane,
      intervalMs: config.SIGNALBOX_REPORT_INTERVAL_MS,
      publisher,
      accepting: () => this.amqp.status().blocked === undefined,
      compose: () => this.report(),
      clock,
      logger,
    });
    this.prober = new RouteProber({
      routes: config.SIGNALBOX_PRIVATE_ROUTES,
      intervalMs: config.SIGNALBOX_ROUTE_PROBE_INTERVAL_MS,
      timeoutMs: config.SIGNALBOX_ROUTE_TIMEOUT_MS,
      resolve: (host) => this.names.resolve(host),
      clock,
      logger,
    });
    this.stopping = new GracefulStop({
      clock,
      logger,
      events,
      drain: (interrupt) => this.drain(interrupt),
      publishLastReport: () => this.publishLastReport(),
      close: () => this.close(),
    });
    const { interrupt } = this.stopping;
    this.control = new ControlCommands({
      amqp: this.amqp,
      dataplane,
      bootId,
      events,
      interrupt,
      clock,
      logger,
      onChange,
      onHealthRequest: () => this.reporter.now(),
      onShutdown: (command) => void this.restart(command),
      onCancel: (operationId) => this.operations?.cancel(operationId),
    });
    const runner = this.engine.operations;
    if (runner) {
      this.operations = new RunCommands({ amqp: this.amqp, dataplane, runner, events, interrupt, logger, onChange });
      this.depth = new QueueDepth({
        queue: operationsQueue(dataplane).name,
        intervalMs: QUEUE_DEPTH_INTERVAL_MS,
        clock,
        model: () => this.channels.model,
        onAnswer: () => this.reporter.soon(),
      });
    }
    this.amqp.onStatus(({ up }) => up && this.reporter.now());
  }

  /** Starts all parts; none of them waits for the broker. */
  start(): void {
    this.engine.start();
    this.amqp
      .open()
      .catch((error: unknown) => this.options.logger.debug({ err: error }, 'closed before the broker was connected'));
    this.prober.start();
    this.depth?.start();
    this.reporter.start();
  }

  /** Stops in order and within bounds. Called again while it stops, the shorter drain time counts. */
  stop(order: StopOrder): Promise<void> {
    return this.stopping.stop(order);
  }

  private async restart(command: ShutdownCommand): Promise<void> {
    await this.stop({ drainMs: command.drain_seconds * 1_000, command });
    this.options.logger.info({ restart: command.restart_id }, 'restart executed; the supervisor starts the next one');
    this.options.onRestartDone();
  }

  private drain(interrupt: AbortSignal): Promise<unknown> {
    this.options.logger.info({ running: this.engine.work().running }, 'draining');
    this.state.enter('draining');
    const drained = Promise.all([this.control.close(), this.operations?.close(), this.engine.idle?.(interrupt)]);
    this.changed();
    return drained;
  }

  private publishLastReport(): Promise<void> {
    this.state.enter('stopped');
    this.depth?.stop();
    this.reporter.stop();
    return this.reporter.publish();
  }

  private async close(): Promise<void> {
    const { clock, logger } = this.options;
    this.prober.stop();
    this.names.stop();
    await settlesWithin({ clock, ms: LAST_MESSAGE_MS }, this.engine.stop());
    await this.amqp
      .close(SETTLE_MS)
      .catch((error: unknown) => logger.warn({ err: error }, 'connection to the broker cut off'));
  }

  /** Reports a new state at once, and a change of work within 100 ms, together with what then waits at the broker. */
  private changed(): void {
    if (this.state.hasChanged()) this.reporter.now();
    else if (this.depth) this.depth.refresh();
    else this.reporter.soon();
  }

  private report(): Omit<DataplaneReport, 'seq'> {
    return composeReport({
      dataplane: this.options.config.SIGNALBOX_DATAPLANE,
      bootId,
      startedAt: this.startedAt,
      build: this.options.build,
      engine: this.engine,
      state: this.state,
      waiting: () => (this.operations?.waiting ?? 0) + (this.depth?.waiting ?? 0),
      channels: () => this.channels.count,
      privateRoutes: () => this.prober.results(),
    });
  }
}

import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { evaluate } from '@signalbox/component-status';
import { gatewayStream } from '@signalbox/contracts/streams';
import { Amqp } from '@signalbox/messaging';
import { InfrastructureModule, platformModule } from '@signalbox/nest-service';
import { Database } from '@signalbox/persistence';
import { createLogger, every, Health, Metrics, systemClock } from '@signalbox/platform';
import { FollowedStreams, ReplicasModule } from '@signalbox/state-streams';
import {
  activeAt,
  DataplaneReports,
  FollowedFacts,
  Readers,
  ReaderStates,
  toActiveNotice,
} from '@signalbox/status-facts';

const service = 'evaluator';
const clock = systemClock;

@Module({
  imports: [
    InfrastructureModule.register({
      service,
      topology: { exchanges: [], queues: [], bindings: [] },
      entities: [],
      migrations: [],
      requiredForReadiness: false,
    }),
    ReplicasModule.register({ service }),
  ],
  providers: [Readers, ReaderStates, DataplaneReports, FollowedFacts],
})
class EvaluatorModule {}

@Module({})
class RootModule {}

export interface EvaluatorServers {
  readonly RABBITMQ_URL: string;
  readonly BROKER_SENDERS: 'unchecked';
  readonly DATABASE_URL: string;
}

interface Rule {
  readonly component: string;
  readonly rule: string;
}

/** A report of this process, or `data` of `GET /v1/status/explain`. */
interface Report {
  readonly status: string;
  readonly components: readonly {
    readonly component: string;
    readonly status: string;
    readonly stale: boolean;
    readonly notice_id?: string;
    readonly reasons: readonly { readonly rule: string; readonly affected_by?: Rule }[];
  }[];
  readonly causes: readonly (Rule & { readonly effects: readonly Rule[] })[];
}

/** What two evaluators must agree on: all but times and sentences with times. */
export const judgementOf = ({ status, components, causes }: Report) => ({
  status,
  components: components.map(({ reasons, component, status: state, stale, notice_id }) => ({
    component,
    status: state,
    stale,
    notice_id,
    reasons: reasons.map(({ rule, affected_by }) => ({ rule, affected_by })),
  })),
  causes: causes.map(({ component, rule, effects }) => ({ component, rule, effects })),
});

/**
 * Follows the streams and judges the components without any code of the gateway, as a service beside it does. It has its own
 * connections, replicas and checks of the servers.
 */
export class SecondEvaluator {
  private passedAt: number | undefined;
  private readonly stopChecking: () => void;

  private constructor(
    private readonly context: INestApplicationContext,
    private readonly dataplaneTimeoutMs: number,
  ) {
    this.stopChecking = every({ clock, ms: 1_000, atOnce: true }, () => this.checkBroker());
  }

  static async start(
    env: EvaluatorServers,
    { dataplaneTimeoutMs }: { dataplaneTimeoutMs: number },
  ): Promise<SecondEvaluator> {
    const platform = platformModule({
      config: env,
      logger: createLogger({ name: service, level: 'silent' }),
      health: new Health(),
      metrics: new Metrics({ service }),
      shutdown: new AbortController().signal,
    });
    const root = { module: RootModule, imports: [platform, EvaluatorModule] };
    const context = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    return new SecondEvaluator(context, dataplaneTimeoutMs);
  }

  judge(): ReturnType<typeof judgementOf> {
    const at = clock.now();
    const { gateways, ...facts } = this.context
      .get(FollowedFacts)
      .read({ dataplaneTimeoutMs: this.dataplaneTimeoutMs });
    const notices = this.context.get(FollowedStreams).follow(gatewayStream).collections.notice.values();
    return judgementOf(
      evaluate(
        { at, ...facts, ...this.connections(), api: { isStopping: false, stream: gateways } },
        { critical: ['messaging', 'storage'], notices: activeAt(at, notices).map(toActiveNotice) },
      ),
    );
  }

  async close(): Promise<void> {
    this.stopChecking();
    await this.context.close();
  }

  private connections() {
    const { up, answeredAtMs } = this.context.get(Database).status();
    const broker = this.context.get(Amqp).status();
    const ageOf = (time: number | undefined) => (time === undefined ? undefined : clock.monotonic() - time);
    const brokerResult = !broker.up ? 'failed' : broker.blocked === undefined ? 'passed' : 'blocked';
    return {
      storage: { result: up ? 'passed' : 'failed', passedMs: ageOf(answeredAtMs) },
      messaging: { result: brokerResult, passedMs: ageOf(this.passedAt) },
    } as const;
  }

  /** Only a connection that publishes is notified by the broker that it takes nothing. */
  private checkBroker(): void {
    const started = clock.monotonic();
    const check = { exchange: '', routingKey: `${service}.check`, type: `${service}.check`, body: {} };
    this.context
      .get(Amqp)
      .publisher.publish(check)
      .then(
        () => (this.passedAt = started),
        () => undefined,
      );
  }
}

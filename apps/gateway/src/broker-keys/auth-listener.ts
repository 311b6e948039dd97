import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, CONFIG, explainListenError, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { answerAuthRequests } from './auth-requests.js';
import { KeyDecisions } from './key-decisions.js';

/** From the begin of a request, or of a connection, to its end. */
const REQUEST_TIMEOUT_MS = 5_000;
/** The HTTP client of RabbitMQ keeps a connection for two minutes. It closes first, so that no request meets a closing connection. */
const KEEP_ALIVE_MS = 130_000;
/** It opens one for each question that it has at the same time. */
const MOST_CONNECTIONS = 1_000;
/** For answers that are under way. */
const STOP_MS = 500;

const VARIABLES = { host: 'SIGNALBOX_BROKER_AUTH_HOST', port: 'SIGNALBOX_BROKER_AUTH_PORT' };

/** The listener of its own at which RabbitMQ asks about API keys. */
@Injectable()
export class AuthListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    private readonly decisions: KeyDecisions,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws ConfigError if the address is not available */
  async onApplicationBootstrap(): Promise<void> {
    const { SIGNALBOX_BROKER_AUTH_HOST: host, SIGNALBOX_BROKER_AUTH_PORT: port } = this.config;
    if (port === undefined) return;
    const options = {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    this.server = createServer(
      options,
      answerAuthRequests({
        decide: (asked, form) => this.decisions.decide(asked, form),
        failed: (error) => this.logger.error({ err: error }, 'question of RabbitMQ about a key was not answered'),
      }),
    );
    this.server.maxConnections = MOST_CONNECTIONS;
    try {
      await listen(this.server, { host, port });
    } catch (error) {
      throw explainListenError(error, { host, port, variables: VARIABLES });
    }
    this.logger.info(
      { host, port: (this.server.address() as AddressInfo).port },
      'listening for questions of RabbitMQ about keys',
    );
  }

  /** Last of all: while this process stops, clients publish and log in. */
  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    await settlesWithin({ clock: this.clock, ms: STOP_MS }, closed);
    server.closeAllConnections();
  }
}

const listen = (server: Server, address: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });

import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import { z } from 'zod';
import type { Config } from '../config.js';
import { BrokerTokens } from '../tokens/broker-tokens.js';

const REQUEST_MS = 5_000;
/** The most that RabbitMQ gives at a time. */
const PAGE = 500;
/** Closed at the same time. */
const AT_ONCE = 10;

const pageSchema = z.object({
  total_count: z.int(),
  items: z.array(z.object({ name: z.string(), user: z.string() })),
});

export interface OpenConnections {
  /** The first 500. */
  readonly names: readonly string[];
  readonly total: number;
}

/** A login at the management API as one key, for some seconds. */
export interface ManagementLogin {
  /** @throws Error where the API does not answer, or refuses */
  connections(): Promise<OpenConnections>;
  /** Has them closed; one that is closed already is not an error: list them again. @param reason the client gets it @throws Error where the API does not answer */
  close(names: readonly string[], reason: string): Promise<void>;
}

/**
 * The connections of one key, by RabbitMQ's management API. It lets each user with the tag `management` list and close its own connections:
 * no process needs the password of an administrator for it.
 */
@Injectable()
export class BrokerManagement {
  private readonly base: string | undefined;

  constructor(
    private readonly tokens: BrokerTokens,
    @Inject(CONFIG) config: Config,
  ) {
    this.base = config.SIGNALBOX_BROKER_MANAGEMENT_URL?.replace(/\/+$/, '');
  }

  /** False: connections are neither counted nor closed. */
  get isKnown(): boolean {
    return this.base !== undefined;
  }

  /** Logs in as a key, also one that was revoked. */
  async logIn(keyId: string): Promise<ManagementLogin> {
    const token = await this.tokens.issue(keyId);
    const authorization = `Basic ${Buffer.from(`${keyId}:${token}`).toString('base64')}`;
    return {
      connections: async () => {
        const response = await this.call('GET', `connections?disable_stats=true&page=1&page_size=${PAGE}`, {
          authorization,
        });
        if (!response.ok) throw new Error(`the management API of the broker answers ${response.status}`);
        const { items, total_count: total } = pageSchema.parse(await response.json());
        return { names: items.filter(({ user }) => user === keyId).map(({ name }) => name), total };
      },
      close: async (names, reason) => {
        const left = [...names];
        const closeNext = async (): Promise<void> => {
          for (let name = left.pop(); name !== undefined; name = left.pop()) {
            const path = `connections/${encodeURIComponent(name)}?disable_stats=true`;
            await (await this.call('DELETE', path, { authorization, 'x-reason': reason })).arrayBuffer();
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, closeNext));
      },
    };
  }

  /** With `disable_stats` the API looks at the connections themselves: its statistics do not know a connection before five seconds. */
  private call(method: string, path: string, headers: Record<string, string>): Promise<Response> {
    const signal = AbortSignal.timeout(REQUEST_MS);
    return fetch(`${this.base}/api/${path}`, { method, headers, signal, redirect: 'error' });
  }
}

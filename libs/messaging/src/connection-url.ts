import { valueNow, type Changing, type Logger } from '@signalbox/platform';
import { brokerUrls, userOf } from './broker-url.js';

export interface ConnectionUrlOptions {
  readonly url: Changing<string>;
  readonly heartbeatSeconds: number;
  readonly logger: Logger;
}

/** Where each new connection goes. The password may be replaced meanwhile, and the hosts; not the user, whom all messages name. */
export class ConnectionUrl {
  readonly user: string;
  private given: string;
  private used: readonly string[];

  /** @throws Error where the URL is not valid */
  constructor(private readonly options: ConnectionUrlOptions) {
    this.given = valueNow(options.url);
    this.used = brokerUrls(this.given, options.heartbeatSeconds);
    this.user = userOf(this.given);
  }

  /** One for each host, with our heartbeat in it. */
  get now(): readonly string[] {
    const { url, heartbeatSeconds, logger } = this.options;
    const given = valueNow(url);
    if (given === this.given) return this.used;
    this.given = given;
    if (userOf(given) === this.user) this.used = brokerUrls(given, heartbeatSeconds);
    else logger.error('the URL of the broker names another user now: it is used after a restart of this process');
    return this.used;
  }

  /** For one connection: the URL of another host at each call. The first is chosen at random, so that the processes are spread over the nodes. */
  rotation(): () => string {
    let at = Math.floor(Math.random() * this.used.length);
    return () => {
      const urls = this.now;
      return urls[at++ % urls.length]!;
    };
  }
}

import { valueNow, type Changing, type Logger } from '@signalbox/platform';
import { brokerUrl, userOf } from './broker-url.js';

export interface ConnectionUrlOptions {
  readonly url: Changing<string>;
  readonly heartbeatSeconds: number;
  readonly logger: Logger;
}

/** Where each new connection goes. The password may be replaced meanwhile, and the broker; not the user, whom all messages name. */
export class ConnectionUrl {
  readonly user: string;
  private given: string;
  private used: string;

  /** @throws Error where the URL is not valid */
  constructor(private readonly options: ConnectionUrlOptions) {
    this.given = valueNow(options.url);
    this.used = brokerUrl(this.given, options.heartbeatSeconds);
    this.user = userOf(this.given);
  }

  /** With our heartbeat in it. */
  get now(): string {
    const { url, heartbeatSeconds, logger } = this.options;
    const given = valueNow(url);
    if (given === this.given) return this.used;
    this.given = given;
    if (userOf(given) === this.user) this.used = brokerUrl(given, heartbeatSeconds);
    else logger.error('the URL of the broker names another user now: it is used after a restart of this process');
    return this.used;
  }
}

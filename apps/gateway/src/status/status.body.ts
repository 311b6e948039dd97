import { Inject, Injectable } from '@nestjs/common';
import type { AccountStatus } from '@signalbox/contracts/http';
import { buildVersion, CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { KnownStatus } from './current-status.js';
import { presentStatus, roundedMs, type Deployment } from './status.presenter.js';

/** What differs in each answer. */
export interface OwnPart {
  readonly account: AccountStatus;
  /** Ms since the request was received. */
  readonly elapsedMs: number;
}

const NO_ACCOUNT: AccountStatus = {
  tier: '',
  type: 'live',
  capabilities: [],
  rate_limits: { limit: 0, remaining: 0, reset_time: '', burst_limit: 0 },
};
const ACCOUNT_JSON = JSON.stringify(NO_ACCOUNT);
const TIME_MEMBER = '"response_time_ms":';

/** The JSON of `GET /v1/status` while it is not critical: what is the same for all callers is built once per report. */
@Injectable()
export class StatusBody {
  readonly deployment: Deployment;
  private made: { readonly known: KnownStatus; readonly parts: readonly [string, string, string] } | undefined;

  constructor(@Inject(CONFIG) config: Config) {
    this.deployment = {
      version: config.SIGNALBOX_VERSION || buildVersion(import.meta.url),
      environment: config.SIGNALBOX_ENVIRONMENT,
      datacenter: config.SIGNALBOX_DATACENTER,
    };
  }

  of(known: KnownStatus, { account, elapsedMs }: OwnPart): string {
    if (this.made?.known !== known) this.made = { known, parts: this.partsOf(known) };
    const [head, middle, tail] = this.made.parts;
    return head + JSON.stringify(account) + middle + String(roundedMs(elapsedMs)) + tail;
  }

  /** Around the account and the time. No text inside of the body looks like either: its quotes are escaped. */
  private partsOf(known: KnownStatus): [string, string, string] {
    const json = JSON.stringify(
      presentStatus(known, this.deployment, { account: NO_ACCOUNT, requestId: '', elapsedMs: 0 }).body,
    );
    const account = json.indexOf(ACCOUNT_JSON);
    const time = json.indexOf(TIME_MEMBER, account) + TIME_MEMBER.length;
    return [json.slice(0, account), json.slice(account + ACCOUNT_JSON.length, time), json.slice(time + 1)];
  }
}

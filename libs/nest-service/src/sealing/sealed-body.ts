import { purposeOf, type SealedRequest } from '@signalbox/contracts/messages';
import { isMembers, type Members } from '@signalbox/contracts/streams';
import { RequestRefused } from '@signalbox/messaging';
import { NotOpenable, SealedBox, valueNow, type Changing, type Clock, type VaultKey } from '@signalbox/platform';
import type { AmqpContext } from '../amqp-context.js';

/** No sender seals for longer. The clock of one that does is wrong by that much, or what was done would be forgotten before the end. */
const MOST_AHEAD_MS = 60 * 60_000;

export interface SealedBodyOptions {
  /** The first makes the public key; the others open what was sealed for earlier ones. */
  readonly keys: Changing<readonly VaultKey[]>;
  /** The service that is asked. */
  readonly service: string;
  readonly clock: Clock;
}

type Message = Pick<AmqpContext, 'messageId' | 'delivery'>;

/** Opens the bodies of requests, which are sealed because they may contain credentials: see `sealRequest`. */
export class SealedBody {
  private made: { readonly of: readonly VaultKey[]; readonly box: SealedBox } | undefined;

  constructor(private readonly options: SealedBodyOptions) {}

  get publicKey(): string {
    return this.box.publicKey;
  }

  /**
   * The body of the request that this message carries.
   * @throws RequestRefused: bad_request where it is not a JSON object; unavailable where it was sealed for another request or key, or too
   * long ago. DeadMessage where the message has no id.
   */
  of(request: SealedRequest, message: Message): Members {
    const body = request.sealed === undefined ? undefined : parsed(this.opened(request.sealed, request, message));
    if (isMembers(body)) return body;
    throw new RequestRefused('bad_request', 'The body must be a JSON object.');
  }

  private get box(): SealedBox {
    const { keys, service } = this.options;
    const current = valueNow(keys);
    if (this.made?.of !== current) {
      const secrets = current.map(({ key }) => key);
      this.made = { of: current, box: new SealedBox(secrets, `${service} requests`) };
    }
    return this.made.box;
  }

  private opened(sealed: string, request: SealedRequest, { messageId, delivery: { type = '' } }: Message): string {
    const leftMs = (request.sealed_until ?? 0) - this.options.clock.now();
    if (leftMs < 0 || leftMs > MOST_AHEAD_MS)
      throw unavailable('The body was sealed too long ago, or the clocks of the servers differ.');
    try {
      return this.box.open(sealed, purposeOf({ type, messageId }, request));
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      throw unavailable('The body was sealed for another request, or the keys of the service have just been replaced.');
    }
  }
}

const unavailable = (message: string): RequestRefused => new RequestRefused('unavailable', message);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

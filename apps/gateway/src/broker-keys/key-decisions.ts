import { Inject, Injectable } from '@nestjs/common';
import { isBrokerKeyKind } from '@signalbox/contracts/http';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import { vhostOf } from '@signalbox/messaging';
import { CONFIG } from '@signalbox/platform';
import { AccessAge } from '../access/access-age.js';
import { KeyRing } from '../access/key-ring.js';
import { KeyUse } from '../access/key-use.js';
import { BrokerLogins, type BrokerLogin } from '../audit/broker-logins.js';
import type { Config } from '../config.js';
import { networksOf, type Networks } from '../http/networks.rules.js';
import { BrokerTokens } from '../tokens/broker-tokens.js';
import type { Asked } from './asked.js';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import { ConnectionLimit } from './connection-limit.js';
import { DeclaredQueues } from './declared-queues.js';
import { keyRightsOf, type KeyRights } from './key-rights.rules.js';

/** What RabbitMQ sends: `username`, and more for each of the questions. */
export type Form = Pick<URLSearchParams, 'get'>;

/** What RabbitMQ understands. `management`: the tag with which a user may list and close its own connections. */
export type Decision = 'allow' | 'allow management' | 'deny';

interface KnownKey {
  readonly may: KeyRights;
  /** Undefined: any. */
  readonly networks: Networks | undefined;
}

/** Whether a key may log in to the broker, and what it may do there; from memory. */
@Injectable()
export class KeyDecisions {
  private readonly vhost: string;
  /** The stream replaces the entry of a key that changes. */
  private readonly known = new WeakMap<ApiKeyEntry, KnownKey>();

  constructor(
    private readonly ring: KeyRing,
    private readonly age: AccessAge,
    private readonly use: KeyUse,
    private readonly tokens: BrokerTokens,
    private readonly limit: ConnectionLimit,
    private readonly queues: DeclaredQueues,
    private readonly logins: BrokerLogins,
    private readonly metrics: BrokerKeyMetrics,
    @Inject(CONFIG) config: Config,
  ) {
    this.vhost = vhostOf(config.RABBITMQ_URL);
  }

  /** A promise only for a token of a gateway, whose signature is verified. */
  decide(asked: Asked, form: Form): Decision | Promise<Decision> {
    const decision = this.decisionOn(asked, form);
    if (!(decision instanceof Promise)) return this.counted(asked, decision);
    return decision.then((decided) => this.counted(asked, decided));
  }

  private counted(asked: Asked, decision: Decision): Decision {
    this.metrics.decided(asked, decision === 'deny' ? 'deny' : 'allow');
    return decision;
  }

  private decisionOn(asked: Asked, form: Form): Decision | Promise<Decision> {
    if (asked === 'user') return this.onLogin(form);
    const key = this.keyOf(form);
    if (key === undefined) return 'deny';
    return asked === 'vhost' ? this.onConnection(key, form) : this.onUse(key, form);
  }

  /** The address is not known here: what is accepted is recorded when the broker asks for the virtual host. */
  private onLogin(form: Form): Decision | Promise<Decision> {
    const [user, password] = [form.get('username') ?? '', form.get('password') ?? ''];
    if (BrokerTokens.isLike(password)) return this.onToken(user, password);
    if (!this.isKnowing) return this.refuse({ user, refused: 'not_ready' });
    const finding = this.ring.find(password);
    if ('refused' in finding)
      return this.refuse({ user, refused: finding.refused === 'expired' ? 'api_key_expired' : 'api_key_invalid' });
    const key = finding.found;
    if (key.id !== user) return this.refuse({ user, key, refused: 'key_of_another_user' });
    if (!isBrokerKeyKind(key.kind)) return this.refuse({ user, key, refused: 'key_not_for_broker' });
    return 'allow';
  }

  private async onToken(user: string, token: string): Promise<Decision> {
    if (await this.tokens.verify(token, user)) return 'allow management';
    return this.refuse({ user, refused: 'token_invalid' });
  }

  private onConnection(key: ApiKeyEntry, form: Form): Decision {
    const login = { user: key.id, key, address: form.get('ip') ?? '' };
    if (form.get('vhost') !== this.vhost) return this.refuse({ ...login, refused: 'vhost_not_allowed' });
    if (this.of(key).networks?.includes(login.address) === false)
      return this.refuse({ ...login, refused: 'network_not_allowed' });
    if (!this.limit.admit(key.id)) return this.refuse({ ...login, refused: 'too_many_connections' });
    this.use.note(key.id);
    this.logins.record(login);
    return 'allow';
  }

  private onUse(key: ApiKeyEntry, form: Form): Decision {
    const [resource, name, permission] = [form.get('resource'), form.get('name'), form.get('permission')];
    if (form.get('vhost') !== this.vhost || resource === null || name === null || permission === null) return 'deny';
    const routingKey = form.get('routing_key') ?? undefined;
    if (!this.of(key).may({ resource, name, permission, routingKey })) return 'deny';
    if (resource === 'queue' && permission === 'configure' && !this.queues.admit(key.id, name)) return 'deny';
    return 'allow';
  }

  /** False: a key may have been revoked without this process knowing it. */
  private get isKnowing(): boolean {
    return this.ring.hasSnapshot && !this.age.isBeyondLimit;
  }

  /** The key of a user that has logged in. A login with a token of a gateway has the tag, and no rights. */
  private keyOf(form: Form): ApiKeyEntry | undefined {
    if (!this.isKnowing || (form.get('tags') ?? '') !== '') return undefined;
    const finding = this.ring.findById(form.get('username') ?? '');
    return 'found' in finding && isBrokerKeyKind(finding.found.kind) ? finding.found : undefined;
  }

  private refuse(login: BrokerLogin & { readonly refused: string }): Decision {
    this.logins.record(login);
    return 'deny';
  }

  private of(key: ApiKeyEntry): KnownKey {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = { may: keyRightsOf(key), networks: key.networks.length === 0 ? undefined : networksOf(key.networks) };
    this.known.set(key, made);
    return made;
  }
}

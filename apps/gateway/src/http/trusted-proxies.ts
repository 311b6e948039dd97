import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { clientAddress } from './forwarded.rules.js';
import { networksOf, type Networks } from './networks.rules.js';

/**
 * Where requests come from: from the other end of the connection, or, where that is a proxy of `SIGNALBOX_TRUSTED_PROXIES`, from where that
 * says. `X-Forwarded-Host` and `-Proto` are never read: `SIGNALBOX_PUBLIC_URL` says how browsers reach the API.
 */
@Injectable()
export class TrustedProxies {
  private readonly networks: Networks | undefined;

  constructor(@Inject(CONFIG) { SIGNALBOX_TRUSTED_PROXIES: networks = [] }: Partial<Config>) {
    this.networks = networks.length === 0 ? undefined : networksOf(networks);
  }

  /** Whether requests of several clients can come over one connection. */
  get areAny(): boolean {
    return this.networks !== undefined;
  }

  readonly includes = (address: string): boolean => this.networks?.includes(address) === true;

  /** Undefined where the client has left. */
  addressOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined {
    const { remoteAddress } = socket;
    if (this.networks === undefined || remoteAddress === undefined) return remoteAddress;
    const forwarded = headers['x-forwarded-for'];
    return clientAddress(remoteAddress, typeof forwarded === 'string' ? forwarded : undefined, this.includes);
  }

  /** Makes `request.ip` the address of the client. To be called before other hooks are added. */
  watch(server: FastifyInstance): void {
    if (!this.areAny) return;
    server.addHook('onRequest', (request, _reply, done) => {
      Object.defineProperty(request, 'ip', { value: this.addressOf(request.raw) });
      done();
    });
  }
}

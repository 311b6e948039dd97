import { Injectable } from '@nestjs/common';
import type { ConnectionTestReply } from '@signalbox/contracts/messages';
import type { ConnectionEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { RegistryClient } from './registry-client.js';

/**
 * Tests of stored connections. Requests for the same one share a running test: many clients test it at once when they start, each test
 * takes up to ten seconds, and tests must not keep the registry from changes.
 */
@Injectable()
export class StoredConnectionTests {
  private readonly running = new Map<string, Promise<ConnectionTestReply>>();

  constructor(private readonly registry: RegistryClient) {}

  /** @throws ApiError */
  run({ project, name, version }: ConnectionEntry, request: FastifyRequest): Promise<ConnectionTestReply> {
    const key = `${project}/${name}@${version}`;
    const running = this.running.get(key);
    if (running) return running;
    const started = this.registry.test({ request, project, name }).finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }
}

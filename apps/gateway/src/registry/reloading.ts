import { Injectable } from '@nestjs/common';
import type { RegistryReply, RegistryRequestType } from '@signalbox/contracts/messages';
import { z } from 'zod';
import { demandManager } from './demand-manager.js';
import { RegistryClient, type RegistryQuestion } from './registry-client.js';
import { RegistryWrites } from './registry-writes.js';

export const reloadQuery = z.object({
  reload: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      '`true`: load it again from its location before it is shown. Requires a key of role manager, with the scope registry:write if it has scopes',
    ),
});

/** Documented as GET with `reload=true`, although it changes the state. */
@Injectable()
export class Reloading {
  constructor(
    private readonly registry: RegistryClient,
    private readonly writes: RegistryWrites,
  ) {}

  /** @throws ApiError 403, 404 where it cannot be loaded, 503, 504 */
  async reload(
    type: RegistryRequestType,
    question: RegistryQuestion,
    options: { evenIfFrozen: boolean },
  ): Promise<RegistryReply> {
    demandManager(question.request);
    this.writes.allow(options);
    return this.registry.change(type, question);
  }
}

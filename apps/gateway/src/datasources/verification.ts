import { Injectable } from '@nestjs/common';
import type { DatasourceReply } from '@signalbox/contracts/messages';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { Waiter } from '../http/waiter.js';
import { DatasourcesView } from './datasources.view.js';

const KNOWN_WITHIN_MS = 3_000;

/** The verification that a change has begun. */
@Injectable()
export class Verification {
  constructor(
    private readonly view: DatasourcesView,
    private readonly waiter: Waiter,
  ) {}

  /** The datasource after its verification, or as it is after three seconds. */
  async outcomeOf({ datasource }: DatasourceReply, request: FastifyRequest): Promise<DatasourceEntry> {
    const { view } = this;
    const shown = (): DatasourceEntry | undefined => {
      const entry = view.find(datasource.account, datasource.id);
      return entry !== undefined && entry.version >= datasource.version ? entry : undefined;
    };
    await this.waiter.until(request, {
      ms: KNOWN_WITHIN_MS,
      isThere: () => shown()?.setup.checking === false,
      onChange: (listener) => view.onChange(listener),
    });
    return shown() ?? datasource;
  }
}

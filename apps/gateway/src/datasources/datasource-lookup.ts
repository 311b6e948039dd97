import { Injectable } from '@nestjs/common';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { datasourceNotFound, datasourcesUnknown } from './datasource-errors.js';
import { DatasourcesView } from './datasources.view.js';

/** What a caller may see: the datasources of its own account. */
@Injectable()
export class DatasourceLookup {
  constructor(private readonly view: DatasourcesView) {}

  /** @throws ApiError 503 before the first snapshot */
  accountOf({ caller }: FastifyRequest): string {
    if (!this.view.hasSnapshot) throw datasourcesUnknown();
    // The routes are not public: the caller is known.
    return caller!.account;
  }

  /** @throws ApiError 404, or 503 before the first snapshot */
  find(request: FastifyRequest, id: string): DatasourceEntry {
    const entry = this.view.find(this.accountOf(request), id);
    if (entry === undefined) throw datasourceNotFound(id);
    return entry;
  }
}

import { Injectable } from '@nestjs/common';
import type { ReaderGroups } from '@signalbox/contracts/http';
import type { CachedBody } from '../http/plain-answer.js';
import { readersUnknown } from './reader-errors.js';
import { presentReaderGroups } from './reader-groups.presenter.js';
import { ReaderStatusBody } from './reader-status.body.js';
import { ReadersView } from './readers.view.js';

/** The answers of the readers' management routes, which the API serves with a key and the management port without one. */
@Injectable()
export class ManagementAnswers {
  constructor(
    private readonly body: ReaderStatusBody,
    private readonly readers: ReadersView,
  ) {}

  status(): CachedBody {
    return this.body.now();
  }

  /** @throws ApiError 503 before the first snapshot */
  groups(): ReaderGroups {
    if (!this.readers.hasSnapshot) throw readersUnknown();
    return presentReaderGroups(this.readers.entries());
  }
}

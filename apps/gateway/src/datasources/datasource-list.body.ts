import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { CachedBody } from '../http/plain-answer.js';
import { presentDatasource } from './datasource.presenter.js';
import { DatasourcesView } from './datasources.view.js';

/** The bytes of `GET /v1/datasources` for each account: built once per change, however often they are requested. */
@Injectable()
export class DatasourceListBody {
  /** Distinguishes the revisions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  private readonly byAccount = new Map<string, CachedBody & { readonly revision: number }>();
  /** The stream replaces the entry of a datasource that changes: of ten thousand, most did not. */
  private readonly items = new WeakMap<DatasourceEntry, string>();

  constructor(private readonly view: DatasourcesView) {}

  of(account: string): CachedBody {
    const { revision } = this.view;
    const cached = this.byAccount.get(account);
    if (cached?.revision === revision) return cached;
    const entries = this.view.of(account);
    const bytes = Buffer.from(`{"object":"list","data":[${entries.map((entry) => this.itemOf(entry)).join(',')}]}`);
    // One URL has other bytes for another account.
    const made = { revision, etag: `"${this.process}.${revision}.${account}"`, bytes };
    if (entries.length > 0) this.byAccount.set(account, made);
    else this.byAccount.delete(account);
    return made;
  }

  private itemOf(entry: DatasourceEntry): string {
    const known = this.items.get(entry);
    if (known !== undefined) return known;
    const made = JSON.stringify(presentDatasource(entry));
    this.items.set(entry, made);
    return made;
  }
}

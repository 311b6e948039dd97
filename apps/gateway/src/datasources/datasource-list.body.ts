import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { CachedBody } from '../http/caching/cached-body.js';
import { presentDatasource } from './datasource.presenter.js';
import { DatasourcesView } from './datasources.view.js';

/** The bytes of `GET /v1/datasources` for each account: built once per change, however often they are requested. */
@Injectable()
export class DatasourceListBody {
  /** Distinguishes the revisions of this process from those of other processes and of earlier starts. */
  private readonly process = randomBytes(6).toString('base64url');
  /** Of one revision. */
  private readonly byAccount = new Map<string, CachedBody>();
  private revision: number | undefined;
  /** The stream replaces the entry of a datasource that changes: of ten thousand, most did not. */
  private readonly items = new WeakMap<DatasourceEntry, string>();

  constructor(private readonly view: DatasourcesView) {}

  of(account: string): CachedBody {
    const { revision } = this.view;
    if (this.revision !== revision) this.byAccount.clear();
    this.revision = revision;
    const known = this.byAccount.get(account);
    if (known !== undefined) return known;
    const items = this.view.of(account).map((entry) => this.itemOf(entry));
    const bytes = Buffer.from(`{"object":"list","data":[${items.join(',')}]}`);
    // One URL has other bytes for another account.
    const made = { etag: `"${this.process}.${revision}.${account}"`, bytes };
    this.byAccount.set(account, made);
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

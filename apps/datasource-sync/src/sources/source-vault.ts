import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Vault } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { DatasourceRow, DirectSettings, EndpointSettings } from '../store/datasource.row.js';

/** The credentials of a source. */
export interface DirectCredentials {
  readonly password: string;
}

export interface EndpointCredentials {
  readonly signingKey: string;
  /** The key before the last rotation, while it signs too. */
  readonly formerKey: string | null;
}

export type Sealable = Pick<DatasourceRow, 'id' | 'connection' | 'settings'>;

/** Credentials are sealed for their datasource and its target: they cannot be opened for another one. */
export function placeOf({ id, connection, settings }: Sealable): string {
  if (connection === 'endpoint') return JSON.stringify(['endpoint', id, (settings as EndpointSettings).url]);
  const { host, port, database } = settings as DirectSettings;
  return JSON.stringify(['direct', id, host, port, database]);
}

/** Seals and opens the credentials of datasources. */
@Injectable()
export class SourceVault {
  private readonly vault: Vault;

  constructor(@Inject(CONFIG) config: Pick<Config, 'SIGNALBOX_SECRET_KEYS'>) {
    this.vault = new Vault(() => config.SIGNALBOX_SECRET_KEYS);
  }

  seal(row: Sealable, credentials: DirectCredentials | EndpointCredentials): string {
    return this.vault.seal(JSON.stringify(credentials), placeOf(row));
  }

  /** With what credentials begin that are sealed with the current key. */
  get currentBegin(): string {
    return this.vault.currentBegin;
  }

  /** The same credentials, sealed with the current key. @throws NotOpenable */
  resealed(row: Sealable & Pick<DatasourceRow, 'sealed'>): string {
    return this.vault.seal(this.vault.open(row.sealed, placeOf(row)), placeOf(row));
  }

  /** @throws NotOpenable where the key that sealed them is not configured any more */
  direct(row: Sealable & Pick<DatasourceRow, 'sealed'>): DirectCredentials {
    return JSON.parse(this.vault.open(row.sealed, placeOf(row))) as DirectCredentials;
  }

  /** @throws NotOpenable where the key that sealed them is not configured any more */
  endpoint(row: Sealable & Pick<DatasourceRow, 'sealed'>): EndpointCredentials {
    return JSON.parse(this.vault.open(row.sealed, placeOf(row))) as EndpointCredentials;
  }
}

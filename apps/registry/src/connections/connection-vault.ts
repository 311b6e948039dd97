import { Inject, Injectable } from '@nestjs/common';
import { joinConnection, splitConnection, type Connection } from '@signalbox/contracts/http';
import { type Members } from '@signalbox/contracts/streams';
import { CONFIG, NotOpenable, Vault } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { ConnectionRow, Plain } from '../tree/persistence/rows.js';

/** Credentials are sealed for their connection and cannot be opened in the row of another one. */
const placeOf = ({ project, name }: Pick<ConnectionRow, 'project' | 'name'>): string => `connection ${project}/${name}`;

/** Converts connections to rows with sealed credentials, and back. */
@Injectable()
export class ConnectionVault {
  private readonly vault: Vault;

  constructor(@Inject(CONFIG) { SIGNALBOX_SECRET_KEYS: keys }: Config) {
    this.vault = new Vault(keys);
  }

  toRow(project: string, connection: Connection, isConfigured: boolean | null = false): Omit<ConnectionRow, 'version'> {
    const { name, type, resource: _, attributes: __, ...settings } = connection;
    const { shown, secrets } = splitConnection(settings as Members);
    const sealed =
      Object.keys(secrets).length === 0 ? null : this.vault.seal(JSON.stringify(secrets), placeOf({ project, name }));
    return { project, name, type, config: shown, sealed, isConfigured };
  }

  /** The connection with its credentials. @throws NotOpenable where their key is not configured any more */
  fromRow({ project, name, type, config, sealed }: ConnectionRow): Members {
    const secrets =
      sealed === null
        ? {}
        : (JSON.parse(this.vault.open(sealed, placeOf({ project, name }))) as Record<string, string>);
    return { ...joinConnection({ shown: config as Members, secrets }), name, type };
  }

  /** As `fromRow`, but without credentials that cannot be opened: a PATCH is then refused with what is missing. */
  openable(row: Plain<ConnectionRow>): Members {
    try {
      return this.fromRow(row);
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      return this.fromRow({ ...row, sealed: null });
    }
  }

  /** The row's credentials sealed with the current key; undefined where they already are. @throws NotOpenable */
  resealed(row: ConnectionRow): string | undefined {
    if (row.sealed === null) return undefined;
    const secrets = this.vault.open(row.sealed, placeOf(row));
    return this.vault.isCurrent(row.sealed) ? undefined : this.vault.seal(secrets, placeOf(row));
  }
}

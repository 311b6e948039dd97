import { Inject, Injectable } from '@nestjs/common';
import { joinConnection, splitConnection, targetsOf, type Connection } from '@signalbox/contracts/http';
import { type Members } from '@signalbox/contracts/streams';
import { CONFIG, NotOpenable, Vault } from '@signalbox/platform';
import type { Config } from '../config.js';
import type { ConnectionRow, Plain } from '../tree/persistence/rows.js';

type Sealable = Pick<ConnectionRow, 'project' | 'name' | 'type' | 'config'>;

/** Credentials are sealed for their connection, its type and its targets: in another row, or for another server or account, they do not open. */
const placeOf = ({ project, name, type, config }: Sealable): string =>
  JSON.stringify(['connection', project, name, type, targetsOf(config as Members)]);

/** As releases before 0.2.0 sealed them, for any target. To be removed in the release after 0.2.0. */
const earlierPlaceOf = ({ project, name }: Sealable): string => `connection ${project}/${name}`;

export interface Resealed {
  readonly sealed: string;
  /** It was sealed by an earlier release, for any target. */
  readonly wasUnbound: boolean;
}

/** Converts connections to rows with sealed credentials, and back. */
@Injectable()
export class ConnectionVault {
  private readonly vault: Vault;

  constructor(@Inject(CONFIG) config: Config) {
    this.vault = new Vault(() => config.SIGNALBOX_SECRET_KEYS);
  }

  toRow(project: string, connection: Connection, isConfigured: boolean | null = false): Omit<ConnectionRow, 'version'> {
    const { name, type, resource: _, attributes: __, ...settings } = connection;
    const { shown, secrets } = splitConnection(settings as Members);
    const row = { project, name, type, config: shown };
    const sealed = Object.keys(secrets).length === 0 ? null : this.vault.seal(JSON.stringify(secrets), placeOf(row));
    return { ...row, sealed, isConfigured };
  }

  /** The connection with its credentials. @throws NotOpenable where their key is not configured any more, or they are of another target */
  fromRow({ sealed, ...row }: ConnectionRow): Members {
    const { name, type, config } = row;
    const secrets =
      sealed === null ? {} : (JSON.parse(this.vault.open(sealed, placeOf(row))) as Record<string, string>);
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

  /**
   * The row's credentials sealed with the current key and for its targets; undefined where they already are. Nothing else opens what an
   * earlier release sealed. @throws NotOpenable
   */
  resealed(row: ConnectionRow): Resealed | undefined {
    if (row.sealed === null) return undefined;
    const { secrets, wasUnbound } = this.ofAnyRelease(row.sealed, row);
    if (!wasUnbound && this.vault.isCurrent(row.sealed)) return undefined;
    return { sealed: this.vault.seal(secrets, placeOf(row)), wasUnbound };
  }

  private ofAnyRelease(sealed: string, row: Sealable): { readonly secrets: string; readonly wasUnbound: boolean } {
    try {
      return { secrets: this.vault.open(sealed, placeOf(row)), wasUnbound: false };
    } catch (error) {
      if (!(error instanceof NotOpenable)) throw error;
      return { secrets: this.vault.open(sealed, earlierPlaceOf(row)), wasUnbound: true };
    }
  }
}

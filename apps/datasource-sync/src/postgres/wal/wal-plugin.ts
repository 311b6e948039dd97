import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { ChangesDecoder } from './changes-decoder.js';

export interface WalPluginOptions {
  readonly publication: string;
  readonly decoder: ChangesDecoder;
}

/** `pgoutput` for `pg-logical-replication` (it does not export the class that plugins extend), with a decoder that makes JSON at once. See docs/adr/0012-following-databases.md. */
export class WalPlugin {
  readonly name = 'pgoutput';

  constructor(readonly options: WalPluginOptions) {}

  start(client: Client, slotName: string, lastLsn: string): Promise<unknown> {
    const names = escapeLiteral(escapeIdentifier(this.options.publication));
    return client.query(
      `START_REPLICATION SLOT ${escapeIdentifier(slotName)} LOGICAL ${lastLsn} (proto_version '1', publication_names ${names})`,
    );
  }

  parse(buffer: Buffer): void {
    this.options.decoder.read(buffer);
  }
}

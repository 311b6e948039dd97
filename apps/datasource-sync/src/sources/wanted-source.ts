import { createHash, X509Certificate } from 'node:crypto';
import type { DirectBody, EndpointBody } from '@signalbox/contracts/http';
import { checkTarget, TargetRefused, type AllowedTargets } from '@signalbox/network-policy';
import { invalid, refused } from '../requests/refusal.js';
import type { DatasourceRow, DirectSettings, EndpointSettings } from '../store/datasource.row.js';
import { BadConnectionString } from './bad-connection-string.js';
import { parseConnectionString } from './connection-string.js';
import { BadEndpointUrl, parseEndpointUrl } from './endpoint-url.rules.js';
import type { DirectCredentials, EndpointCredentials } from './source-vault.js';

const DEFAULT_SCHEMA = 'public';
const DEFAULT_PUBLICATION = 'signalbox_publication';
/** Four characters of a shorter key say too much of it. */
const SHORTEST_SHOWN_KEY = 12;

/** A source as a caller registers it. */
export type WantedSource = Pick<DatasourceRow, 'identity'> &
  (
    | {
        readonly connection: 'direct';
        readonly settings: Omit<DirectSettings, 'slot'>;
        readonly credentials: DirectCredentials;
      }
    | {
        readonly connection: 'endpoint';
        readonly settings: EndpointSettings;
        readonly credentials: EndpointCredentials;
      }
  );

/** @throws RequestRefused: invalid_value, target_refused */
export function wantedDirect(body: DirectBody, targets: AllowedTargets): WantedSource {
  const { caCertificate, schema = DEFAULT_SCHEMA, publication = DEFAULT_PUBLICATION } = body;
  const { password, ...connection } = readable('connectionString', () => parseConnectionString(body.connectionString));
  if (caCertificate !== undefined && !isCertificate(caCertificate))
    throw invalid([{ path: 'caCertificate', message: 'must be certificates in PEM' }]);
  checkAllowed(connection, targets);
  const { host, port, database } = connection;
  return {
    connection: 'direct',
    identity: digest([host, port, database, schema]),
    settings: { ...connection, schema, publication, ...(caCertificate !== undefined && { caCertificate }) },
    credentials: { password },
  };
}

/** @throws RequestRefused: invalid_value, target_refused */
export function wantedEndpoint(
  body: EndpointBody,
  { livemode, targets }: { readonly livemode: boolean; readonly targets: AllowedTargets },
): WantedSource {
  const { url, host, port } = readable('endpoint', () => parseEndpointUrl(body.endpoint, { livemode }));
  checkAllowed({ host, port }, targets);
  return {
    connection: 'endpoint',
    identity: digest([url]),
    settings: { url, key_last4: shownPart(body.signingKey), former_key_until: null },
    credentials: { signingKey: body.signingKey, formerKey: null },
  };
}

/** The part of a signing key by which its owner recognises it. An emoji is one character. */
export function shownPart(key: string): string | null {
  const characters = Array.from(key);
  return characters.length < SHORTEST_SHOWN_KEY ? null : characters.slice(-4).join('');
}

/** URLs are longer than what an index holds. */
const digest = (parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

function readable<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadConnectionString || error instanceof BadEndpointUrl)
      throw invalid([{ path, message: error.message }]);
    throw error;
  }
}

/** A name is checked when it is connected to. */
function checkAllowed(target: { readonly host: string; readonly port: number }, rules: AllowedTargets): void {
  try {
    checkTarget(target, rules);
  } catch (error) {
    if (error instanceof TargetRefused) throw refused('target_refused', `${error.message}.`);
    throw error;
  }
}

/** True for one certificate or more, one after the other. */
function isCertificate(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
    return blocks.length > 0;
  } catch {
    return false;
  }
}

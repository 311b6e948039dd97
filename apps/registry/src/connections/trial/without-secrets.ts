import { shownConnectionString, splitConnection } from '@signalbox/contracts/http';
import type { Members } from '@signalbox/contracts/streams';

const MAX_TEXT = 1_000;

/** The text of a driver, which may quote the settings, without what is hidden of them. Callers of role member read it, too. */
export function withoutSecrets(text: string, connection: Members): string {
  const { secrets } = splitConnection(connection);
  const hidden = Object.entries(secrets)
    .flatMap(([place, secret]) => (place.endsWith('.connectionString') ? [secret, ...hiddenPartsOf(secret)] : [secret]))
    .flatMap((secret) => [secret, encodeURIComponent(secret), decoded(secret)])
    .filter((secret) => secret.length > 2);
  return [...new Set(hidden)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    .slice(0, MAX_TEXT);
}

/** User and password; of a connection string that is not shown at all each part, because any may be a part of the password. */
function hiddenPartsOf(link: string): string[] {
  if (!URL.canParse(link)) return [];
  const { username, password, hostname, pathname, searchParams } = new URL(link);
  const userInfo = [username, password];
  if (shownConnectionString(link) !== undefined) return userInfo;
  return [...userInfo, hostname, pathname.slice(1), ...pathname.split('/'), ...searchParams.values()];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './home.mjs';

/**
 * A URL from the environment or from the connection.env that `npm start` wrote.
 * @param {string} name of the variable
 * @throws {Error} that names both places, or says that the variable has no such URL
 */
export function connectionUrl(name) {
  if (process.env[name]) return checked(name, process.env[name]);
  const file = join(home, 'connection.env');
  const line = textOf(file)
    .split('\n')
    .find((each) => each.replace('export ', '').startsWith(`${name}=`));
  const url = line && /=(['"]?)(.+)\1$/.exec(line)?.[2];
  if (url) return url;
  throw new Error(
    `No broker: ${name} is not set, and ${file} does not contain it.\nStart Signalbox with \`npm start\`, or set ${name}.`,
  );
}

/** Its value is not quoted: it may contain a password. */
function checked(name, url) {
  if (/^amqps?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
  throw new Error(`${name}: expected a URL that starts with amqp:// or amqps:// and has a host.`);
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

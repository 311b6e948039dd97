import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './home.mjs';

/**
 * The broker URL of readers, from the environment or from the connection.env that `npm start` wrote.
 * @throws {Error} that names both places
 */
export function readerUrl() {
  if (process.env.READER_RABBITMQ_URL) return process.env.READER_RABBITMQ_URL;
  const file = join(home, 'connection.env');
  const url = /^(?:export )?READER_RABBITMQ_URL=(['"]?)(.+)\1$/m.exec(textOf(file))?.[2];
  if (url) return url;
  throw new Error(
    `No broker: READER_RABBITMQ_URL is not set, and ${file} does not contain it.\nStart Signalbox with \`npm start\`, or set READER_RABBITMQ_URL.`,
  );
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

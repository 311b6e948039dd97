// @ts-check
import { readFileSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { homeFrom } from './home.mjs';

/**
 * The broker that a script asks: `RABBITMQ_URL`, else the one that `npm start` left in the home.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 * @throws {Failure} where neither names one, or what is named is no such URL
 */
export function brokerUrl(env) {
  if (env.RABBITMQ_URL) return checked(env.RABBITMQ_URL);
  const { connectionFile } = homeFrom(env);
  try {
    const [, , url] = /^RABBITMQ_URL=(['"]?)(.+)\1$/m.exec(readFileSync(connectionFile, 'utf8')) ?? [];
    if (url) return url;
  } catch {
    // Said below: whether it cannot be read or says nothing, the way out is the same.
  }
  throw new Failure(`No broker: RABBITMQ_URL is not set, and ${connectionFile} does not contain it`, {
    wayOut: 'Start Signalbox with `npm start`, or set RABBITMQ_URL.',
  });
}

/** What a URL of several hosts names first, for programs that know one host only. @param {string} url */
export const withFirstHost = (url) => {
  const [first = ''] = url.split(/,(?=amqps?:\/\/)/);
  return first.replace(/^(amqps?:\/\/(?:[^/?#]*@)?[^,/?#@]*),[^/?#@]*(?=[/?#]|$)/, '$1');
};

/** This runs before anything is built: `brokerUrlsOf` has the whole rule, and services apply it. @param {string} url */
export const isAmqpUrl = (url) => /^amqps?:\/\//.test(url) && URL.canParse(withFirstHost(url));

/** @param {string} url @returns {string} */
function checked(url) {
  if (isAmqpUrl(url)) return url;
  // Not the value: it may contain a password.
  throw new Failure('RABBITMQ_URL: expected a URL that starts with amqp:// or amqps://', {
    wayOut: 'Correct it, or unset it to ask the broker that npm start runs.',
  });
}

import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ConfigError, describeError } from '@signalbox/platform';
import { timeLimits } from './time-limits.js';

/** Where a certificate, with those of its issuers, and its key are, as PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate and a key that fit. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Of the certificate, as it says it. */
  readonly validTo: string;
}

/** What `node:tls` takes. */
export const tlsSettings = ({ cert, key }: TlsPair) => ({
  cert,
  key,
  minVersion: 'TLSv1.2' as const,
  handshakeTimeout: timeLimits.head,
});

/** What the files hold, not yet looked at. */
export type TlsContent = Pick<TlsPair, 'cert' | 'key'>;

/** @throws ConfigError where a file cannot be read */
export const readTlsFiles = ({ certFile, keyFile }: TlsFiles): TlsContent => ({
  cert: read('SIGNALBOX_TLS_CERT_FILE', certFile),
  key: read('SIGNALBOX_TLS_KEY_FILE', keyFile),
});

/** @throws ConfigError where a file cannot be read, is no PEM, or the two do not belong together */
export const readTlsPair = (files: TlsFiles): TlsPair => pairOf(readTlsFiles(files), files);

/** @throws ConfigError where one is no PEM, or the two do not belong together */
export function pairOf({ cert, key }: TlsContent, { certFile, keyFile }: TlsFiles): TlsPair {
  try {
    const certificate = new X509Certificate(cert);
    // It says whether OpenSSL can use the two together.
    createSecureContext({ cert, key });
    return { cert, key, validTo: certificate.validTo };
  } catch (error) {
    const reason = /values mismatch/i.test(describeError(error))
      ? `the key in ${keyFile} is not that of the certificate in ${certFile}`
      : `${certFile} and ${keyFile} must hold a certificate and its key as PEM, the key without a passphrase: ${describeError(error)}`;
    throw new ConfigError(`SIGNALBOX_TLS_CERT_FILE, SIGNALBOX_TLS_KEY_FILE: ${reason}`);
  }
}

function read(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${variable}: ${file} cannot be read: ${describeError(error)}`);
  }
}

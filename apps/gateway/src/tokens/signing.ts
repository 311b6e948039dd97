import { Inject, Injectable } from '@nestjs/common';
import { publicJwk } from '@signalbox/contracts/http';
import type { SigningKeyEntry } from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import type { Config } from '../config.js';
import type { TokenRow } from './persistence/token.entity.js';
import { TOKEN_ALGORITHM } from './token-algorithm.js';

const HOUR_MS = 3_600_000;

/** A key of this process. Its private part cannot be exported, and is never stored. */
interface SigningKey extends SigningKeyEntry {
  readonly privateKey: CryptoKey;
}

/** Signs tokens with a key that exists in the memory of this process only, and that is replaced when it is old. */
@Injectable()
export class Signing {
  private current: { readonly key: Promise<SigningKey>; readonly untilMs: number } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Made when the first token is issued. */
  key(): Promise<SigningKey> {
    const nowMs = this.clock.monotonic();
    if (this.current === undefined || this.current.untilMs <= nowMs) {
      const untilMs = nowMs + this.config.SIGNALBOX_SIGNING_KEY_HOURS * HOUR_MS;
      this.current = { key: newSigningKey(), untilMs };
    }
    return this.current.key;
  }

  sign({ kid, privateKey }: SigningKey, row: TokenRow, account: string): Promise<string> {
    return new SignJWT({ account, role: row.role, scopes: row.scopes })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: 'JWT', kid })
      .setIssuer(this.config.SIGNALBOX_TOKEN_ISSUER)
      .setSubject(row.keyId)
      .setJti(row.id)
      .setIssuedAt(row.createdAt)
      .setExpirationTime(row.expiresAt)
      .sign(privateKey);
  }
}

async function newSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: false });
  const jwk = publicJwk.parse(await exportJWK(publicKey));
  return { kid: await calculateJwkThumbprint(jwk), jwk, privateKey };
}

import type { Clock } from '@signalbox/platform';
import type { PlainAnswer, StreamedAnswer } from './plain-answer.js';
import { acceptsGzip } from './caching/accepts-gzip.rules.js';
import type { Asked } from './caching/asked.js';
import type { BodyVersion } from './caching/body-version.js';
import { GzipVariants } from './caching/gzip-variants.js';
import { HeldBytes } from './caching/held-bytes.js';
import { isKnown } from './caching/if-none-match.js';
import { PieceStream } from './caching/piece-stream.js';

/** Larger bodies are sent in pieces. */
const MOST_AT_ONCE = 1_024 * 1_024;
/** Smaller ones are sent as they are. */
const LEAST_TO_COMPRESS = 16 * 1_024;

/** What differs with the coding, and with the origin of the page that asks. */
const COMMON = { 'cache-control': 'private, no-cache', vary: 'Origin, Accept-Encoding' };
const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers with the versions of one body, which may be large. */
export class BodyAnswers {
  private readonly gzip: GzipVariants;
  private readonly held = new HeldBytes();
  private readonly wholes = new WeakMap<BodyVersion, Buffer>();

  constructor(clock: Clock) {
    this.gzip = new GzipVariants(clock);
  }

  /** 304, or a body that is at hand as a whole. Undefined where `give` has to be called. */
  now(version: BodyVersion, { ifNoneMatch, acceptEncoding }: Asked): PlainAnswer | undefined {
    const { etag } = version;
    if (isKnown(ifNoneMatch, etag)) return { status: 304, headers: { etag, ...COMMON } };
    const isToBeCompressed = this.mayCompress(version, acceptEncoding);
    const sent = isToBeCompressed ? this.gzip.now(version) : version;
    if (sent === undefined || sent.length > MOST_AT_ONCE) return undefined;
    return { status: 200, headers: headersOf(sent, isToBeCompressed), body: this.wholeOf(sent) };
  }

  async give(version: BodyVersion, asked: Asked): Promise<PlainAnswer | StreamedAnswer> {
    const isToBeCompressed =
      !isKnown(asked.ifNoneMatch, version.etag) && this.mayCompress(version, asked.acceptEncoding);
    const sent = isToBeCompressed ? await this.gzip.of(version) : version;
    return this.now(version, asked) ?? this.stream(sent, isToBeCompressed);
  }

  /** A version was replaced by the next one. @param bytes those that are in it alone */
  replaced(version: BodyVersion, bytes: number): void {
    this.held.replaced(bytes + (this.gzip.now(version)?.length ?? 0));
  }

  private mayCompress(version: BodyVersion, acceptEncoding: string | undefined): boolean {
    return version.length >= LEAST_TO_COMPRESS && acceptsGzip(acceptEncoding) && this.gzip.canGive(version);
  }

  private wholeOf(version: BodyVersion): Buffer {
    let whole = this.wholes.get(version);
    if (whole === undefined) this.wholes.set(version, (whole = joined(version)));
    return whole;
  }

  private stream(version: BodyVersion, isCompressed: boolean): StreamedAnswer {
    const body = new PieceStream(version);
    const release = this.held.hold(() => body.destroy(new Error('the client takes an answer too slowly')));
    body.once('close', release);
    return {
      status: 200,
      headers: { ...headersOf(version, isCompressed), 'content-length': String(version.length) },
      body,
    };
  }
}

const headersOf = ({ etag }: BodyVersion, isCompressed: boolean): Record<string, string> => ({
  etag,
  ...COMMON,
  'content-type': JSON_TYPE,
  ...(isCompressed && { 'content-encoding': 'gzip' }),
});

function joined(version: BodyVersion): Buffer {
  const whole = Buffer.allocUnsafeSlow(version.length);
  let at = 0;
  for (const piece of version.pieces()) {
    at += piece.copy(whole, at);
    version.recycle?.(piece);
  }
  return whole;
}

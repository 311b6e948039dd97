import { hash } from 'node:crypto';
import {
  HEARTBEATS_PER_MESSAGE,
  heartbeat,
  KEPT_CONFIG_BYTES,
  readerId,
  type Heartbeat,
} from '@signalbox/contracts/messages';
import { describeIssues } from '@signalbox/platform';
import type { Beat } from '../liveness/beat.js';
import type { Reader, ReaderProfile } from '../liveness/reader.js';
import type { SentConfig } from '../liveness/sent-config.js';
import type { CountsFor, Permission } from '../senders/sender.js';
import { repeatedBeat, type HeartbeatItem } from './repeated-beat.rules.js';
import { sharedProfile } from './shared-profile.js';

/** Why a heartbeat does not count: it breaks a rule, or its sender may not publish it. */
export const REFUSAL_REASONS = ['bad-heartbeat', 'not-permitted'] as const;

/** An item that does not count, and why. `detail` names members; of values only ids of readers, senders and patterns. */
export interface Refused {
  reason: (typeof REFUSAL_REASONS)[number];
  item: unknown;
  /** Undefined where it has no valid `reader_id`. */
  readerId: string | undefined;
  detail: string;
}

/** The known reader of an id. Whether it changes before the heartbeat is applied does not matter. */
export type KnownReader = (readerId: string) => Reader | undefined;

export interface DecodeOptions {
  readonly permission: Permission;
  readonly known: KnownReader;
  /** Gets the heartbeats that count. */
  readonly beats: Beat[];
}

const NONE: readonly Refused[] = [];

/**
 * Reads a message that carries one heartbeat or an array of them. Each is judged separately: a wrong one is refused alone.
 * @returns those that do not count
 */
export function decodeHeartbeats(body: unknown, options: DecodeOptions): readonly Refused[] {
  if (!Array.isArray(body)) {
    const refused = decodeItem(body, options);
    return refused === undefined ? NONE : [refused];
  }
  if (body.length > HEARTBEATS_PER_MESSAGE) {
    const detail = `${body.length} heartbeats in one message; at most ${HEARTBEATS_PER_MESSAGE} are accepted`;
    return [{ reason: 'bad-heartbeat', item: null, readerId: undefined, detail }];
  }
  const refused: Refused[] = [];
  for (const item of body as readonly unknown[]) {
    const wrong = decodeItem(item, options);
    if (wrong !== undefined) refused.push(wrong);
  }
  return refused;
}

function decodeItem(item: unknown, { permission, known, beats }: DecodeOptions): Refused | undefined {
  const { countsFor, refusal } = permission;
  const reader = isObject(item) ? known(item['reader_id'] as string) : undefined;
  const repeated = reader && repeatedBeat(item as HeartbeatItem, reader, countsFor);
  if (repeated !== undefined && refusal(repeated.readerId) === undefined) {
    beats.push(repeated);
    return undefined;
  }
  const parsed = heartbeat.safeParse(item);
  if (!parsed.success) {
    const detail = describeIssues(parsed.error.issues, { root: 'heartbeat' });
    return { reason: 'bad-heartbeat', item: withoutSecrets(item), readerId: readerIdOf(item), detail };
  }
  const detail = refusal(parsed.data.reader_id);
  if (detail !== undefined)
    return { reason: 'not-permitted', item: withoutSecrets(item), readerId: parsed.data.reader_id, detail };
  beats.push(toBeat(parsed.data, countsFor));
  return undefined;
}

const isObject = (item: unknown): item is HeartbeatItem => typeof item === 'object' && item !== null;

function toBeat(message: Heartbeat, countsFor: CountsFor): Beat {
  return {
    readerId: message.reader_id,
    state: message.state,
    bootId: message.boot_id ?? null,
    seq: message.seq ?? null,
    profile: sharedProfile(toProfile(message), message.reader_id),
    sentAt: message.sent_at ?? null,
    config: message.config == null ? null : toConfig(message.config),
    countsFor,
  };
}

const toProfile = (message: Heartbeat): ReaderProfile => ({
  consumerName: message.consumer_name,
  consumerGroups: message.consumer_groups,
  modelName: message.model_name,
  modelType: message.model_type,
  device: message.device,
  backend: message.backend ?? null,
  pids: message.pids,
  waitInterval: message.heartbeat_wait_interval,
});

/** Compared by digest with the one that was sent before: memory holds no configuration of readers. */
function toConfig(config: NonNullable<Heartbeat['config']>): SentConfig {
  const json = JSON.stringify(config);
  if (Buffer.byteLength(json) > KEPT_CONFIG_BYTES) return { digest: 'too large', json: null };
  return { digest: hash('sha256', json, 'base64url'), json };
}

const readerIdOf = (item: unknown): string | undefined =>
  readerId.safeParse((item as { reader_id?: unknown } | null)?.reader_id).data;

/** What a dead letter may contain: the members of a heartbeat that cannot hold a credential, if they are small. */
function withoutSecrets(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return null;
  const members = Object.entries(item).filter(([name, value]) => KNOWN.has(name) && isSmall(value));
  return Object.fromEntries(members);
}

const KNOWN = new Set(Object.keys(heartbeat.shape).filter((name) => name !== 'config'));

const isSmall = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length <= 100 && value.every((each) => typeof each !== 'object' && isSmall(each))
    : typeof value === 'string'
      ? value.length <= 1_000
      : typeof value !== 'object';

import type { ReaderEntry } from '@signalbox/contracts/streams';
import { clockSkew } from '../../src/liveness/recent-beats.rules.js';
import type { Reader } from '../../src/liveness/reader.js';
import { deadlineOf, skewOf, type Settings, type Specified, type SpecifiedReader, type Step } from './specification.js';
import type { World } from './world.js';

/** Where the readers of an engine are not as specified. */
export function differences(world: World, specified: Specified, settings: Settings): string[] {
  const found: string[] = [];
  const { table, partition, published } = world.engine;
  let shown = 0;
  for (const [readerId, expected] of specified.readers) {
    if (expected.state !== 'gone') shown += 1;
    const reader = table.get(readerId);
    if (reader === undefined) {
      found.push(`${readerId} is not known`);
      continue;
    }
    const differ = (what: string, is: unknown, shouldBe: unknown): void => {
      if (!Object.is(is, shouldBe)) found.push(`${what} of ${readerId} is ${String(is)}, not ${String(shouldBe)}`);
    };
    known(world, reader, { expected, differ });
    shownAs(world.engine.shown(readerId), { expected, differ });
    const end = deadlineOf(expected, specified.receivingSince, settings);
    differ('the deadline', world.fromProcess(partition.endOf(reader)), end);
  }
  if (table.size > specified.readers.size) found.push('more readers are known');
  // The settings are published beside the readers.
  if (published.size > shown + 1) found.push('more readers are shown');
  return found;
}

interface Comparison {
  readonly expected: SpecifiedReader;
  readonly differ: (what: string, is: unknown, shouldBe: unknown) => void;
}

function known(world: World, reader: Reader, { expected, differ }: Comparison): void {
  differ('state', reader.state, expected.state);
  differ('since', reader.since.unix, expected.since.unix);
  differ('the moment of since', world.fromProcess(reader.since.monotonic), expected.since.t);
  differ('boot_id', reader.bootId, expected.bootId);
  // Without a boot id numbers order nothing, and nothing follows a deregistration.
  if (reader.bootId !== null && expected.state !== 'gone')
    differ('seq', reader.seq ?? -Infinity, Math.max(-Infinity, ...expected.numbers));
  differ('received_at', reader.receivedAt.unix, expected.receivedAt.unix);
  differ('the moment of received_at', world.fromProcess(reader.receivedAt.monotonic), expected.receivedAt.t);
  differ('flapping_since', reader.flappingSince?.unix, expected.flappingSince?.unix);
  differ('clock skew', clockSkew(reader.recent), skewOf(expected));
  differ('interval', reader.profile.waitInterval, expected.profile.waitInterval);
  differ('device', reader.profile.device, expected.profile.device);
  differ('number of pids', reader.profile.pids.length, expected.profile.pids.length);
}

/** What a gateway has of it. Of receive times that is the one of the last change: the others travel beside. */
function shownAs(entry: ReaderEntry | undefined, { expected, differ }: Comparison): void {
  if (expected.state === 'gone') {
    differ('entry', entry, undefined);
    return;
  }
  differ('state shown', entry?.state, expected.state);
  differ('since shown', entry?.since, expected.since.unix);
  differ('boot_id shown', entry?.boot_id, expected.bootId);
  differ('flapping shown', entry?.flapping_since, expected.flappingSince?.unix ?? null);
  differ('interval shown', entry?.heartbeat_wait_interval, expected.profile.waitInterval);
  differ('device shown', entry?.device, expected.profile.device);
}

/** As text. Steps of several readers at the same time have no order among them. */
export const historyOf = (steps: readonly Step[]): string =>
  steps
    .map(({ readerId, at, from, to, why, bootId, silentMs }) =>
      [readerId, at, from, to, why, bootId, silentMs].join(' '),
    )
    .toSorted()
    .join('\n');

// @ts-check
// `npm run bench`: what our layers cost compared with the libraries below them, measured in the same run. Machines are shared
// and noisy, so the rounds alternate, medians are taken, and CPU per operation counts more than time.
import { startTestInfra } from '@signalbox/testing';
import { changes } from './changes.mjs';
import { datasources } from './datasources.mjs';
import { endpoints } from './endpoints.mjs';
import { following } from './following.mjs';
import { guesses } from './guesses.mjs';
import { heartbeats } from './heartbeats.mjs';
import { heartbeatsBroker } from './heartbeats-broker.mjs';
import { manyReaders } from './many-readers.mjs';
import { million } from './million.mjs';
import { readerChanges } from './reader-changes.mjs';
import { readerDeaths } from './reader-deaths.mjs';
import { readerMemory } from './reader-memory.mjs';
import { starving } from './starving.mjs';
import { transport } from './transport.mjs';
import { readerLists } from './reader-lists.mjs';
import { registryStatus } from './registry-status.mjs';
import { snapshot } from './snapshot.mjs';
import { smallRoutes } from './small-routes.mjs';
import { statusBody } from './status-body.mjs';
// @boundaries-ignore Every script of package.json reads its options in the same way.
import { readOptions, refuseUsage } from '../../scripts/lib/base/options.mjs';
import { demandWrk } from './wrk.mjs';

const benches = {
  transport,
  heartbeats,
  'heartbeats-broker': heartbeatsBroker,
  'reader-deaths': readerDeaths,
  'reader-changes': readerChanges,
  'reader-memory': readerMemory,
  changes,
  'small-routes': smallRoutes,
  'reader-status': statusBody,
  'many-readers': manyReaders,
  'registry-status': registryStatus,
  guesses,
  starving,
  datasources,
  following,
  endpoints,
  million,
  snapshot,
  'reader-lists': readerLists,
};
const help = `npm run bench [-- name …]: measures what our layers cost. Needs Linux and wrk.

  Names: ${Object.keys(benches).join(', ')}; without one, all.
`;

const { positionals: wanted } = readOptions(help, { positionals: Infinity });
const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) refuseUsage(`There is no benchmark ${unknown}.`, help);
demandWrk();
const infra = await startTestInfra();
Object.assign(process.env, infra.env);
try {
  process.stdout.write(
    `node ${process.version}; medians of alternating rounds; µs of CPU of the measured process per operation\n\n`,
  );
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for await (const line of bench()) process.stdout.write(`${line}\n`);
    process.stdout.write('\n');
  }
} finally {
  await infra.stop();
}

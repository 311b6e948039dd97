// @ts-check
import { Fleet } from './fleet.mjs';

const STEADY_SECONDS = 60;

/** A million readers in four partitions of two processes, heartbeats in batches. `FLEET_READERS`: another number of readers. */
export async function* million() {
  const size = {
    readers: Number(process.env.FLEET_READERS ?? 1_000_000),
    partitions: 4,
    owners: 2,
    intervalSeconds: 60,
  };
  const fleet = await Fleet.start(size);
  try {
    fleet.startHosts();
    const { readers, partitions, owners, intervalSeconds } = size;
    const hosts = `100 of a host in one message every ${intervalSeconds} s`;
    yield `${readers.toLocaleString('en')} readers, ${hosts}; ${partitions} partitions, ${owners} processes`;
    yield `  from nothing: all are live after ${(await fleet.secondsUntilLive(fleet.gateway)).toFixed(1)} s`;
    yield* table(await fleet.usage(STEADY_SECONDS));
    fleet.laterGateway.child.start();
    yield `  a new gateway shows all as live ${(await fleet.secondsUntilLive(fleet.laterGateway)).toFixed(1)} s after its start`;
    yield* loops(await fleet.loops([fleet.laterGateway.child, ...fleet.owners]));
    fleet.mostDead = 0;
    await fleet.killAll();
    const seconds = await fleet.secondsUntilLive(fleet.gateway);
    yield `  everything killed and started: all are live after ${seconds.toFixed(1)} s; the most that were dead: ${fleet.mostDead}`;
    yield* loops(await fleet.loops(fleet.services));
    yield* table(await fleet.usage(STEADY_SECONDS));
    for (const detail of fleet.unexpected) yield `  unexpected: ${detail}`;
  } finally {
    await fleet.close();
  }
}

/** @param {import('./fleet.mjs').Loop[]} measured */
function* loops(measured) {
  for (const { name, p99, max, longestGc } of measured)
    yield `    ${name.padEnd(24)} event loop late: p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(0)} ms; longest garbage collection: ${JSON.stringify(longestGc)}`;
}

/** @param {import('./fleet.mjs').Usage[]} usage */
function* table(usage) {
  for (const { name, cpuPercent, mib } of usage)
    yield `    ${name.padEnd(24)} ${cpuPercent.toFixed(0).padStart(4)} % of a core ${mib.toLocaleString('en').padStart(7)} MiB`;
}

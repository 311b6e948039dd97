// @ts-check
// `npm run bench`: what our layers cost beside what they stand on, measured in the same process and the same run. Machines
// are shared and noisy, so the rounds alternate, medians are taken, and CPU per operation counts more than time.
import { startTestInfra } from '@signalbox/testing';
import { transport } from './transport.mjs';
import { statusBody } from './status-body.mjs';

const infra = await startTestInfra();
Object.assign(process.env, infra.env);
try {
  process.stdout.write(`node ${process.version}; medians of alternating rounds; µs of CPU of this process per operation\n\n`);
  for (const bench of [transport, statusBody]) {
    for await (const line of bench()) process.stdout.write(`${line}\n`);
    process.stdout.write('\n');
  }
} finally {
  await infra.stop();
}

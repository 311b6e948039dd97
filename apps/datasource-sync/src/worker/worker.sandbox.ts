import { systemClock } from '@signalbox/platform';
import { checkEndpoint, followEndpoint } from '../endpoint/index.js';
import { checkPostgres, followPostgres } from '../postgres/index.js';
import { runWorker } from './run-worker.js';

runWorker({
  direct: { follow: followPostgres, check: checkPostgres },
  endpoint: {
    follow: followEndpoint,
    check: (assignment, signal) => checkEndpoint(assignment, { clock: systemClock }, signal),
  },
});

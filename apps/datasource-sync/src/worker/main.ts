import { checkPostgres, followPostgres } from '../postgres/index.js';
import { runWorker } from './run-worker.js';

runWorker({ direct: { follow: followPostgres, check: checkPostgres } });

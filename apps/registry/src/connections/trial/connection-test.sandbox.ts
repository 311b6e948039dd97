import { answerJobs } from '@signalbox/sandbox/jobs';
import type { TrialJob } from './trial-protocol.js';
import { tryConnection } from './try-connection.js';

answerJobs((job) => tryConnection(job as TrialJob));

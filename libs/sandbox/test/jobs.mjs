// @ts-check
// A program that does what each job asks for.
import { answerJobs } from '@signalbox/sandbox/jobs';

/** @type {unknown[]} */
const kept = [];

answerJobs(async (job) => {
  const { task, text } = /** @type {{ task: string, text?: string }} */ (job);
  if (task === 'echo') return { text, pid: process.pid, jobs: kept.push(text) };
  if (task === 'throw') throw new Error('broken by the test');
  if (task === 'late') setImmediate(() => process.emit('nothing', text).toString().missing());
  if (task === 'spin') for (;;);
  if (task === 'eat') for (;;) kept.push(Buffer.alloc(2 ** 22, 1));
  if (task === 'exit') process.exit(7);
  return new Promise(() => setInterval(() => undefined, 1_000));
});

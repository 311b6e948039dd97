import { lookup } from 'node:dns';
import type { NameAnswer, NameQuestion } from './name-resolver.js';

/** The child process of a NameResolver: answers each question with the system's resolver. */
const answer = (message: NameAnswer): void => void process.send?.(message, () => undefined);

process.on('message', ({ id, host }: NameQuestion) => {
  lookup(host, { all: true }, (error, addresses) =>
    answer({ id, addresses: addresses ?? [], ...(error && { code: error.code ?? 'EAI_FAIL' }) }),
  );
});
process.on('disconnect', () => process.exit());
// A signal to the process group is for the agent, which still probes while it drains.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);

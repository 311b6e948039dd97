import { setTimeout as delay } from 'node:timers/promises';
import { LocalInfraError } from '../local-infra.error.js';
import type { LaunchedProcess } from './server-process.js';

export interface WaitForStartOptions {
  label: string;
  logFile: string;
  deadlineMs: number;
  /** True when it accepts clients; throws if it never will. */
  isReady: () => Promise<boolean>;
}

const POLL_MS = 50;

/** Waits until the server is ready. If it exits before, or misses the deadline, it is killed and the error shows its last log lines. */
export async function waitForStart(server: LaunchedProcess, options: WaitForStartOptions): Promise<void> {
  const { label, logFile, deadlineMs, isReady } = options;
  const deadline = performance.now() + deadlineMs;
  const fail = (code: 'start-failed' | 'start-timeout', reason: string): LocalInfraError => {
    const lines = server.lastLines().map((line) => `  ${line}`);
    return new LocalInfraError(code, [`${label} ${reason}. The end of ${logFile}:`, ...lines].join('\n'));
  };
  try {
    for (;;) {
      const exit = server.exit();
      if (exit) throw fail('start-failed', `ended while starting (${exit.signal ?? `exit code ${exit.code}`})`);
      if (await isReady()) return;
      if (performance.now() >= deadline)
        throw fail('start-timeout', `did not start within ${Math.round(deadlineMs / 1000)} s`);
      await delay(POLL_MS);
    }
  } catch (error) {
    server.kill(); // a server that is still starting ignores SIGTERM
    await server.stop();
    throw error;
  }
}

/**
 * Why a sandbox ended by itself: `hung`: it did not answer pings, did not end in time or used up its CPU time; `out_of_memory`: at its
 * limit, or at that of the machine; `not_started`: it was not ready in time; `misbehaved`: it sent what no program of ours sends; `crashed`: anything else.
 */
export const DEATH_REASONS = ['crashed', 'hung', 'out_of_memory', 'not_started', 'misbehaved'] as const;
export type DeathReason = (typeof DEATH_REASONS)[number];

export interface Death {
  readonly reason: DeathReason;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it was killed, where the parent did it. */
  readonly killedFor: DeathReason | undefined;
  readonly lastOutput: string;
}

/** What V8, Node and the C++ library print when they get no memory, Node also as an assertion. */
const NO_MEMORY = /heap out of memory|bad_alloc|allocation failed|out of memory|mem == nullptr/i;

export function deathOf({ exitCode, signal, killedFor, lastOutput }: ProcessEnd): Death {
  return { reason: killedFor ?? reasonItself({ signal, lastOutput }), exitCode, signal };
}

function reasonItself({ signal, lastOutput }: Pick<ProcessEnd, 'signal' | 'lastOutput'>): DeathReason {
  if (signal === 'SIGXCPU') return 'hung';
  return signal === 'SIGKILL' ? 'out_of_memory' : reasonOf(lastOutput);
}

/** @param text the error of the process, or its last output */
export const reasonOf = (text: string): DeathReason => (NO_MEMORY.test(text) ? 'out_of_memory' : 'crashed');

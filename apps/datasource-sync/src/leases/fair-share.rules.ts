export interface Shares {
  readonly datasources: number;
  /** Processes that are alive, this one included. */
  readonly processes: number;
  /** What this process holds, without what it is giving back. */
  readonly held: number;
  /** What no process holds. */
  readonly free: number;
}

/** How many of the free ones to take, and how many of the held ones to give back. Together the processes take all there are. */
export function balance({ datasources, processes, held, free }: Shares): { take: number; giveBack: number } {
  const fair = Math.ceil(datasources / Math.max(1, processes));
  return { take: Math.min(free, Math.max(0, fair - held)), giveBack: Math.max(0, held - fair) };
}

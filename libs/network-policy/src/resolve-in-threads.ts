import { lookup } from 'node:dns';
import type { Resolve } from './guarded-socket.js';
import { areServersSilent } from './name-servers.js';

export interface ResolveInThreadsOptions {
  /** Look-ups that the system does at once; Node gives them half of its threads. */
  readonly threads: number;
  /** Default: Node's `dns.lookup`. */
  readonly resolve?: Resolve;
  /** Default: asks the name servers of the system, without a thread. */
  readonly isSilent?: (hostname: string) => Promise<boolean>;
}

/**
 * Keeps names with silent name servers from taking all threads, each until the system gives up (10 s and more). Half of the threads are for whatever
 * comes. Where they are taken, a name is looked up in the other half, once its name servers have answered a question; else it fails at once.
 * The addresses are always those that the system finds, also in its files.
 */
export function resolveInThreads({
  threads,
  resolve = lookup,
  isSilent = areServersSilent,
}: ResolveInThreadsOptions): Resolve {
  const half = Math.max(1, Math.floor(threads / 2));
  const [forAny, forAnswered] = [new Share(half), new Share(half)];
  const inShare = (share: Share, [hostname, options, callback]: Parameters<Resolve>): void =>
    share.run((done) =>
      resolve(hostname, options, (error, addresses) => {
        done();
        callback(error, addresses);
      }),
    );
  return (...request) => {
    if (forAny.hasRoom) return inShare(forAny, request);
    const [hostname, , callback] = request;
    const decide = (silent: boolean): void =>
      silent ? callback(noAnswer(hostname), []) : inShare(forAnswered, request);
    // What a callback throws is not for the promise.
    void isSilent(hostname).then((silent) => setImmediate(decide, silent));
  };
}

/** So many at once; others wait for their turn. */
class Share {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  get hasRoom(): boolean {
    return this.running < this.most;
  }

  run(work: (done: () => void) => void): void {
    if (!this.hasRoom) return void this.waiting.push(() => this.run(work));
    this.running += 1;
    work(() => {
      this.running -= 1;
      this.waiting.shift()?.();
    });
  }
}

/** As the system has it. */
const noAnswer = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`the name servers of ${hostname} do not answer`), { code: 'EAI_AGAIN' });

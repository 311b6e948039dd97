import { fork, type ChildProcess } from 'node:child_process';
import type { LookupAddress } from 'node:dns';

/** Sent to the child process and back; `code` where the name was not resolved. */
export interface NameQuestion {
  readonly id: number;
  readonly host: string;
}
export interface NameAnswer {
  readonly id: number;
  readonly addresses: LookupAddress[];
  readonly code?: string;
}

interface Pending {
  readonly resolve: (addresses: LookupAddress[]) => void;
  readonly reject: (error: Error) => void;
}

/** libuv resolves names in half of its threads. The size is read once, at the start of a process. */
const ENVIRONMENT = { UV_THREADPOOL_SIZE: '256' };

/**
 * Resolves names with the system's resolver, in a child process: a name whose server does not answer blocks a thread for many seconds,
 * and with Node's default of four threads two such names would make all others look unanswered.
 */
export class NameResolver {
  private readonly asked = new Map<string, Promise<LookupAddress[]>>();
  private readonly pending = new Map<number, Pending>();
  private child: ChildProcess | undefined;
  private questions = 0;

  /**
   * Waits as long as the system's resolver does; a name that is being resolved is not resolved a second time.
   * @throws Error with the `code` of getaddrinfo
   */
  resolve(host: string): Promise<LookupAddress[]> {
    const known = this.asked.get(host);
    if (known) return known;
    const answer = this.ask(host).finally(() => this.asked.delete(host));
    this.asked.set(host, answer);
    return answer;
  }

  stop(): void {
    this.child?.kill('SIGKILL');
  }

  private ask(host: string): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      const id = (this.questions += 1);
      this.pending.set(id, { resolve, reject });
      this.child ??= this.start();
      // Where it cannot be sent the child has exited, which rejects everything pending.
      this.child.send({ id, host } satisfies NameQuestion, () => undefined);
    });
  }

  private start(): ChildProcess {
    const child = fork(new URL('./resolve-names.js', import.meta.url), [], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: NameAnswer) => this.answered(answer));
    const gone = (): void => {
      if (this.child === child) this.child = undefined;
      for (const id of this.pending.keys()) this.answered({ id, addresses: [], code: 'EAI_AGAIN' });
    };
    child.once('exit', gone);
    child.once('error', gone);
    return child;
  }

  private answered({ id, addresses, code }: NameAnswer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (code === undefined) pending?.resolve(addresses);
    else pending?.reject(Object.assign(new Error(`the name is not resolved (${code})`), { code }));
  }
}

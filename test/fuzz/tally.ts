import type { Operation } from './document.js';
import type { Answer, Sent } from './wire.js';

interface Fault {
  count: number;
  readonly sent: Sent;
  readonly answer: Answer | undefined;
}

const SHOWN = 300;

/** What a run has seen. */
export class Tally {
  private readonly statuses = new Map<number, number>();
  private readonly accepted = new Map<string, number>();
  private readonly kinds = new Map<string, Fault>();

  constructor(operations: readonly Operation[]) {
    for (const { title } of operations) this.accepted.set(title, 0);
  }

  answered({ title }: Operation, { status }: Answer): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status < 300) this.accepted.set(title, (this.accepted.get(title) ?? 0) + 1);
  }

  /** Each kind of fault of one operation is kept once, with the first call that showed it. */
  fault({ title }: Operation, problem: string, sent: Sent, answer?: Answer): void {
    const kind = `${title}: ${problem}`;
    const fault = this.kinds.get(kind);
    if (fault === undefined) this.kinds.set(kind, { count: 1, sent, answer });
    else fault.count += 1;
  }

  /** One line: how often each status was the answer, and the operations of which no call was accepted. */
  get summary(): string {
    const statuses = [...this.statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status} ${count}×`);
    const never = [...this.accepted].filter(([, count]) => count === 0).map(([title]) => title);
    return `${statuses.join(', ')}; never accepted: ${never.join(', ') || 'none'}`;
  }

  /** One text for each kind of fault, with what makes it happen again. */
  get faults(): string[] {
    return [...this.kinds].map(([kind, { count, sent, answer }]) => {
      const { 'x-api-key': _, ...headers } = sent.headers;
      return [
        `${kind} (${count}×)`,
        `  ${sent.method} ${sent.target.slice(0, SHOWN)} ${JSON.stringify(headers).slice(0, SHOWN)}`,
        `  ${sent.body === undefined ? 'no body' : sent.body.toString().slice(0, SHOWN)}`,
        ...(answer === undefined ? [] : [`  answer ${answer.status}: ${answer.body.slice(0, SHOWN)}`]),
      ].join('\n');
    });
  }
}

import type { Operation } from './document.js';
import type { Answer, Sent } from './wire.js';

interface Fault {
  count: number;
  /** With what makes it happen again. */
  readonly text: string;
}

const SHOWN = 300;

/** What a run has seen. */
export class Tally {
  private readonly statuses = new Map<number, number>();
  private readonly accepted = new Map<string, number>();
  private readonly kinds = new Map<string, Fault>();

  /** @param onFault gets each kind of fault at once: a run may take long */
  constructor(
    operations: readonly Operation[],
    private readonly onFault: (text: string) => void,
  ) {
    for (const { title } of operations) this.accepted.set(title, 0);
  }

  answered({ title }: Operation, { status }: Answer): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status < 300) this.accepted.set(title, (this.accepted.get(title) ?? 0) + 1);
  }

  /** Each kind of fault of one operation is kept once, with the first call that showed it. */
  fault({ title }: Operation, problem: string, sent: Sent, answer?: Answer): void {
    const kind = `${title}: ${problem}`;
    const known = this.kinds.get(kind);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const text = describe(kind, sent, answer);
    this.kinds.set(kind, { count: 1, text });
    this.onFault(text);
  }

  /** One line: how often each status was the answer, and the operations of which no call was accepted. */
  get summary(): string {
    const statuses = [...this.statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status} ${count}×`);
    const never = [...this.accepted].filter(([, count]) => count === 0).map(([title]) => title);
    return `${statuses.join(', ')}; never accepted: ${never.join(', ') || 'none'}`;
  }

  /** Each kind of fault, with how often it was seen. */
  get faults(): string[] {
    return [...this.kinds.values()].map(({ count, text }) => `${count} × ${text}`);
  }
}

function describe(kind: string, { method, target, headers, body }: Sent, answer: Answer | undefined): string {
  const { 'x-api-key': _, ...shown } = headers;
  return [
    kind,
    `  ${method} ${target.slice(0, SHOWN)} ${JSON.stringify(shown).slice(0, SHOWN)}`,
    `  ${body === undefined ? 'no body' : body.toString().slice(0, SHOWN)}`,
    ...(answer === undefined ? [] : [`  answer ${answer.status}: ${answer.body.slice(0, SHOWN)}`]),
  ].join('\n');
}

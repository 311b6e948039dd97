import type { Clock } from '@signalbox/platform';

const MOST_REMEMBERED = 10_000;

interface Remembered<Answer> {
  readonly answer: Promise<Answer>;
  /** Unix ms. */
  readonly until: number;
}

/** Remembers answers by the id of their request: a request that is sent again gets the same answer, and nothing is done again. */
export class AnsweredOnce<Answer> {
  /** In the order in which they came. */
  private readonly answers = new Map<string, Remembered<Answer>>();

  constructor(private readonly clock: Clock) {}

  /** @param until Unix ms: the request is refused afterwards. What failed is not remembered. */
  of({ id, until }: { readonly id: string; readonly until: number }, work: () => Promise<Answer>): Promise<Answer> {
    this.forget();
    const known = this.answers.get(id);
    if (known) return known.answer;
    const answer = work();
    this.answers.set(id, { answer, until });
    answer.catch(() => this.answers.delete(id));
    return answer;
  }

  private forget(): void {
    const now = this.clock.now();
    for (const [id, { until }] of this.answers) {
      if (until >= now && this.answers.size < MOST_REMEMBERED) return;
      this.answers.delete(id);
    }
  }
}

const LANES = 4;

/** Runs a few pieces of work at the same time, about in their order. */
export class FewAtOnce {
  private readonly lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
  private given = 0;

  /** Resolves, or rejects, as the work does. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const lane = this.given++ % LANES;
    const result = this.lanes[lane]!.then(work);
    this.lanes[lane] = result.catch(() => undefined);
    return result;
  }
}

/** Why a source cannot be read, in own words: what a server says may hold secrets, and is in its own language. */
export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';

  /**
   * `unreachable`: it may pass by itself; `refused`: the source answers and refuses; `blocked`: following ends until `fix` is done.
   * `item`: of the readiness checks.
   */
  constructor(
    readonly kind: 'unreachable' | 'refused' | 'blocked',
    readonly code: string,
    readonly details: { readonly message: string; readonly fix: string; readonly item?: string },
  ) {
    super(details.message);
  }

  get fix(): string {
    return this.details.fix;
  }

  get item(): string {
    return this.details.item ?? 'reachable';
  }
}

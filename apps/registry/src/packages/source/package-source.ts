/** What the files of a package say about it. */
export interface PackageContent {
  readonly description?: string;
  readonly readme?: string;
}

/**
 * A package cannot be loaded. `missing`: there is no package at its location; `unavailable`: its source cannot be reached now. The
 * message is for the person who registered it.
 */
export class PackageNotLoaded extends Error {
  override readonly name = 'PackageNotLoaded';

  constructor(
    readonly reason: 'missing' | 'unavailable',
    message: string,
  ) {
    super(message);
  }
}

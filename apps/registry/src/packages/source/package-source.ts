/** What a package says of itself at its source. */
export interface PackageContent {
  readonly description?: string;
  readonly readme?: string;
}

/**
 * A package cannot be loaded. `missing`: there is nothing, or no package, at its location; `unsupported`: nobody here can load from
 * such a place yet; `unavailable`: its source cannot be reached, which may pass. The message is for whoever registered it.
 */
export class PackageNotLoaded extends Error {
  override readonly name = 'PackageNotLoaded';

  constructor(
    readonly reason: 'missing' | 'unsupported' | 'unavailable',
    message: string,
  ) {
    super(message);
  }
}

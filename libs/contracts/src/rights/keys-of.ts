import type { KeyRight } from './broker-rights.js';

/** The templates of an exchange among the rights of a user; none where it has no right there. */
export const keysOf = (rights: readonly KeyRight[], exchange: string): string[] =>
  rights.filter((each) => each.exchange === exchange).flatMap(({ keys }) => keys);

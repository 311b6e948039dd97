/** @param problems one for each wrong option, beginning with its name */
export const optionError = (problems: readonly string[]): TypeError =>
  new TypeError(`The reader's options are not valid: ${problems.join('; ')}`);

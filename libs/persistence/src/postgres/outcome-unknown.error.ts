/** The connection was lost during a commit: the transaction is committed or rolled back, and this process does not know which. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

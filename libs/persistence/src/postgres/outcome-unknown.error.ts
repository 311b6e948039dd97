/** The connection went while a transaction was being committed: it may be in the database or not. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

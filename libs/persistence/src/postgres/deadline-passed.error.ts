/** The deadline of a message passed before it was handled: nothing was done. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

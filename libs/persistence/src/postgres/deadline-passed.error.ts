/** The deadline of a message passed before a connection to the database was free: nothing was done. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** What a migration throws that has to wait for another service. It is run again later. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

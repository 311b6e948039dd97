/** The string cannot be used. The message quotes nothing of it but names of known parameters. */
export class BadConnectionString extends Error {
  override readonly name = 'BadConnectionString';
}

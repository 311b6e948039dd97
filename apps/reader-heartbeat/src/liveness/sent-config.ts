/** The configuration that a heartbeat carries. */
export interface SentConfig {
  /** Equal for equal texts. */
  readonly digest: string;
  /** Its JSON text; null: it is too large to be kept. */
  readonly json: string | null;
}

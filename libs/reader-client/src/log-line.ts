/** A log line for the operator of the reader. It contains no credentials. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

export type Log = (line: LogLine) => void;

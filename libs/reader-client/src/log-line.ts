/** Something worth telling the person who runs the reader; carries no credentials. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

export type Log = (line: LogLine) => void;

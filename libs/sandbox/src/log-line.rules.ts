/** A line as our logger writes it, to be logged again; undefined for any other text. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  /** What else the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const LEVELS: Readonly<Record<string, LogLine['level']>> = {
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
};

export function readLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const {
      level,
      msg,
      time: _time,
      pid,
      hostname: _host,
      name: _name,
      ...rest
    } = JSON.parse(line) as Record<string, unknown>;
    const known = LEVELS[String(level)];
    return known && typeof msg === 'string' ? { level: known, text: msg, fields: { pid, ...rest } } : undefined;
  } catch {
    return undefined;
  }
}

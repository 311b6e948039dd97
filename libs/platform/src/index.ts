export { systemClock, type Clock, type ScheduleOptions } from './clock.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { redactText, redactUrl } from './redact.js';

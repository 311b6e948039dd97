// @ts-check
import { service } from './http.mjs';

/** reader-heartbeat as `npm start` runs it. @param {string} brokerUrl @param {string} databaseUrl @param {string[]} [execArgv] */
export const startReaderHeartbeat = (brokerUrl, databaseUrl, execArgv = []) =>
  service(
    'reader-heartbeat',
    {
      PATH: process.env.PATH,
      RABBITMQ_URL: brokerUrl,
      BROKER_SENDERS: 'unchecked',
      DATABASE_URL: databaseUrl,
      SIGNALBOX_MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'warn',
    },
    execArgv,
  );

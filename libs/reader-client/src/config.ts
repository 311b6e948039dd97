/** Of the broker, with the key of the reader. */
export const BROKER_VARIABLES = ['READER_RABBITMQ_URL', 'READER_RABBITMQ_URL_FILE'] as const;

/** The environment of this process, as a copy. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env });

/** The same for a model server, which is another program: it does not get the key of the reader. */
export function environmentOfCommand(): NodeJS.ProcessEnv {
  const env = environment();
  for (const name of BROKER_VARIABLES) delete env[name];
  return env;
}

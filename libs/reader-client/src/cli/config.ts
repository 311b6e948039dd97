/** The environment of the command line, as a copy. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env });

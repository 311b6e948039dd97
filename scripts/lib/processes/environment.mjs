// @ts-check

/**
 * What every process that we start gets of our own environment. Nothing of it is a secret; all else is left out, as it may hold one: a cloud
 * account's keys, a token of a CI system.
 */
const harmless = [
  'PATH', // programs that it starts, such as git
  'HOME', // where libraries look for settings of the user
  'USER',
  'LOGNAME',
  'LANG', // language and time zone of texts and logs
  'LC_ALL',
  'TZ',
  'TMPDIR', // where temporary files are made
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS', // certificates of the company's own authority
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SIGNALBOX_RUN', // by which a process that outlived its run is found
];

/**
 * The environment of a process that we start.
 * @param {readonly string[]} names the variables that it reads itself
 * @param {NodeJS.ProcessEnv} [env] ours
 * @returns {Record<string, string>}
 */
export function environmentWith(names, env = process.env) {
  return Object.fromEntries(
    [...harmless, ...names].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

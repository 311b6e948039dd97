// @ts-check

/**
 * What is printed once all is up: where it is, and lines to paste.
 * @param {{ gatewayUrl: string, adminKeyFile: string, seconds: number }} facts
 * @returns {string}
 */
export function invitation({ gatewayUrl, adminKeyFile, seconds }) {
  const key = `-H "X-Api-Key: $(cat ${shellWord(adminKeyFile)})"`;
  // The name in the certificate may be another one than that of this machine.
  const curl = gatewayUrl.startsWith('https:') ? 'curl -sk' : 'curl -s';
  return `
Signalbox is up (${seconds} s).

  Gateway    ${gatewayUrl}
  Docs       ${gatewayUrl}/docs
  Admin key  ${adminKeyFile}

Try it:

  ${curl} ${gatewayUrl}/healthz
  ${curl} ${key} ${gatewayUrl}/status
  ${curl} ${key} ${gatewayUrl}/v1/datasources
  ${curl} -X POST ${key} -H 'Content-Type: application/json' -d '{"name": "my first key", "role": "member"}' ${gatewayUrl}/v1/keys

Restart the dataplane (200 once the command is accepted; ${gatewayUrl}/v1/dataplanes/main shows how it goes):

  ${curl} -X PUT ${key} -o /dev/null -w '%{http_code}\\n' ${gatewayUrl}/api/admin/restart

Ctrl-C stops everything.
`;
}

/** @param {string} text @returns {string} the text as one word of a POSIX shell */
export function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The parts of the API, in the order in which the document lists them. */
export const tags: readonly { readonly name: string; readonly description: string }[] = [
  {
    name: 'status',
    description: 'The state of every component, why it is so, and planned maintenance. Times are ISO 8601, in UTC.',
  },
  { name: 'readers', description: 'Model readers: which are loading, live or dead. Times are Unix seconds.' },
  { name: 'registry', description: 'Projects with their connections and packages. Times are Unix milliseconds.' },
  {
    name: 'dataplanes',
    description: 'Dataplanes: their reports, restarts and operations. Times are Unix milliseconds.',
  },
  {
    name: 'platform',
    description: 'The deployment and its primary dataplane, as clients of the platform API expect them.',
  },
  {
    name: 'datasources',
    description: "Customers' databases and endpoints: registered, checked and followed. Times are Unix seconds.",
  },
  { name: 'keys', description: 'API keys. Times are ISO 8601; answers have them in UTC.' },
  {
    name: 'tokens',
    description: 'Tokens (JWT) of keys, and the public keys that verify them. Times are ISO 8601, in UTC.',
  },
  {
    name: 'accounts',
    description: 'What keys belong to, and the tiers that limit their requests. Times are ISO 8601, in UTC.',
  },
  { name: 'audit', description: 'What callers changed, tested or restarted. Times are Unix milliseconds.' },
  { name: 'session', description: 'People who sign in with a browser. Times are ISO 8601, in UTC.' },
  { name: 'process', description: 'The health of this gateway process, for load balancers and orchestrators.' },
];

/** The parts of the API, in the order in which the document lists them. */
export const tags: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'status', description: 'The state of every component, why it is so, and planned maintenance.' },
  { name: 'readers', description: 'Model readers: which are loading, live or dead.' },
  { name: 'registry', description: 'Projects with their connections and packages.' },
  { name: 'dataplanes', description: 'Dataplanes: their reports, restarts, operations and the audit log.' },
  {
    name: 'platform',
    description: 'The deployment and its primary dataplane, as clients of the platform API expect them.',
  },
  { name: 'datasources', description: "Customers' databases and endpoints: registered, checked and followed." },
  { name: 'keys', description: 'API keys.' },
  { name: 'tokens', description: 'Tokens (JWT) of keys, and the public keys that verify them.' },
  { name: 'accounts', description: 'What keys belong to, and the tiers that limit their requests.' },
  { name: 'session', description: 'People who sign in with a browser.' },
  { name: 'process', description: 'The health of this gateway process, for load balancers and orchestrators.' },
];

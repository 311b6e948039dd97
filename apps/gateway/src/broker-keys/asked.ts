/** What the broker asks about: a login, a virtual host, an exchange or queue, a routing key. */
export const ASKED = ['user', 'vhost', 'resource', 'topic'] as const;
export type Asked = (typeof ASKED)[number];

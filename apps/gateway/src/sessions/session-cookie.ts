/** Its value is the secret of a session. No other site can make a browser send it. */
export const SESSION_COOKIE = { name: 'signalbox_session', sameSite: 'Strict' } as const;

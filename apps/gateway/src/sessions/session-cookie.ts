/** Its value is the secret of a session. */
export const SESSION_COOKIE = 'signalbox_session';

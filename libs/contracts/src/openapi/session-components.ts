import { currentCaller, session, sessionList, signedOut, type Session } from '../http/sessions.js';
import { answered, type Components } from './component.js';

const times = { expires_at: '2026-03-28T21:00:00.000Z', idle_expires_at: '2026-03-28T10:00:00.000Z' };

const aSession: Session = {
  id: 'session_7b6a5c',
  person: 'person_2d4f6e',
  name: 'Operator on call',
  role: 'manager',
  account: 'default',
  created_at: '2026-03-28T09:00:00.000Z',
  ...times,
};

/** Sessions of people. */
export const sessionComponents: Components = {
  CurrentCaller: answered(currentCaller, {
    via: 'session',
    id: aSession.person,
    name: aSession.name,
    role: 'manager',
    account: 'default',
    session: { ...times, csrf_token: 'b3f1c2d4e5' },
  }),
  Session: answered(session, aSession),
  SessionList: answered(sessionList, { data: [aSession] }),
  SignedOut: answered(signedOut, { end_session_url: 'https://login.example.com/logout' }),
};

import type { FastifyReply } from 'fastify';
import type { ApiError } from '../http/errors/api-error.js';

/** Sends a page that loads nothing and runs nothing. It is not kept, and no page learns its address, which has a code. */
function sendPage(reply: FastifyReply, status: number, title: string, rest: string): void {
  void reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signalbox: ${escape(title)}</title>${rest}</html>`,
    );
}

/**
 * Goes on to the path. A redirect would still count as sent by the identity provider, and the browser would send no strict cookie with
 * it; what a page of this server loads is sent by this server.
 */
export function sendSignedIn(reply: FastifyReply, returnTo: string): void {
  const path = escape(returnTo);
  const refresh = `<meta http-equiv="refresh" content="0; url=${path}">`;
  sendPage(reply, 200, 'signed in', `${refresh}<h1>Signed in</h1><p><a href="${path}">Continue</a></p>`);
}

export function sendFailed(
  reply: FastifyReply,
  { status, code, message, suggestion = '' }: ApiError,
  id: string,
): void {
  const facts = `<p>${escape(message)}</p><p>${escape(suggestion)}</p><p>Code: ${code}. Request: ${escape(id)}.</p>`;
  const again = status === 404 ? '' : '<p><a href="/v1/session/sign-in">Sign in again</a></p>';
  sendPage(reply, status, 'not signed in', `<h1>Not signed in</h1>${facts}${again}`);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);

import { request } from 'node:https';
import { gzipSync } from 'node:zlib';
import { eventually, selfSigned } from '@signalbox/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionFailure } from '../../src/endpoint/connection-failure.js';
import { checkEndpoint, followEndpoint } from '../../src/endpoint/index.js';
import type { EndpointAssignment } from '../../src/work/assignment.js';
import type { Follower } from '../../src/work/follower.js';
import { EndpointServer, event, feed, json } from '../support/endpoint-server.js';
import { FakeHost } from '../support/fake-host.js';

const KEY = 'canary-signing-key-3f9a';
const HTML = '<html><body>canary-of-the-body</body></html>';

let server: EndpointServer;
let host: FakeHost;
let followers: Follower[] = [];

beforeAll(async () => {
  server = await EndpointServer.start();
});
afterAll(() => server.close());
beforeEach(() => {
  host = new FakeHost();
  server.requests.length = 0;
});
afterEach(async () => {
  await Promise.all(followers.map((each) => each.stop()));
  followers = [];
});

const assignment = (url = server.url): EndpointAssignment => ({
  id: 'dse_hostile',
  connection: 'endpoint',
  fence: 1,
  version: 1,
  livemode: false,
  targets: { allowLoopback: true, allowPrivate: false },
  task: 'follow',
  position: null,
  generation: 1,
  source: { url, signingKeys: [KEY] },
  pollIntervalMs: 50,
});

const failureAt = async (url = server.url) => {
  followers.push(followEndpoint(assignment(url), host));
  await eventually(() => host.attempts.length > 0);
  const { sync, endpoint } = await eventually(() => host.reports.find((each) => each.sync.state === 'retrying'));
  expect(sync.next_attempt_at).toBeGreaterThan(Date.now() - 1_000);
  expect(endpoint).toMatchObject({ event_lag: null, last_success_at: null });
  expect(host.everything).not.toMatch(/canary/);
  expect(host.batches).toEqual([]);
  return { code: sync.error?.code, message: sync.error?.message, attempt: host.attempts[0] };
};

const tooDeep = `{"events":[{"data":${'['.repeat(100)}${']'.repeat(100)}}]}`;
const many = Array.from({ length: 1_001 }, (_, index) => event(String(index)));

describe('a hostile endpoint', () => {
  it.each([
    [
      'HTML with 200',
      'wrong_content_type',
      (r) => (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(r);
      },
    ],
    [
      'HTML with 500',
      'http_500',
      (r) => (_, response) => {
        response.writeHead(500, { 'content-type': 'text/html' });
        response.end(r);
      },
    ],
    [
      'another protocol',
      'http_101',
      () => (_, response) => void response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end(),
    ],
    ['no body', 'wrong_content_type', () => (_, response) => void response.writeHead(204).end()],
    ['JSON that is none', 'not_json', () => json('{"events": [')],
    ['no events', 'no_events', () => json({ rows: [] })],
    ['events that are none', 'bad_page', () => json({ events: [{ id: 'canary-id' }] })],
    ['too many events', 'bad_page', () => json({ events: many })],
    ['a cursor that is none', 'bad_page', () => json({ events: [event('1')], nextCursor: { canary: 1 } })],
    ['a long cursor', 'bad_page', () => json({ events: [event('1')], nextCursor: 'x'.repeat(5_000) })],
    ['a cursor that no database keeps', 'bad_page', () => json('{"events":[],"nextCursor":"\\ud800"}')],
    ['deep JSON', 'too_deep', () => json(tooDeep)],
    ['a redirect', 'redirected', () => json({}, 302, { location: 'http://169.254.169.254/latest/canary' })],
    [
      'gzip',
      'encoded',
      () => (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync('{"events":[]}'));
      },
    ],
    ['404', 'http_404', () => json({ error: 'canary of a sentence' }, 404)],
    [
      'a reset in the middle',
      'connection_reset',
      () => (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"events"');
        response.socket?.resetAndDestroy();
      },
    ],
    [
      'two lengths',
      'not_http',
      () => (_, response) =>
        void response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\ncanary'),
    ],
    ['no HTTP', 'not_http', () => (_, response) => void response.socket?.end('canary\r\n\r\n')],
  ] as [string, string, (html: string) => EndpointServer['answer']][])(
    'that answers %s ends as %s',
    async (_, code, answer) => {
      server.answer = answer(HTML);
      expect(await failureAt()).toMatchObject({ code, attempt: { outcome: 'failed', error: { code } } });
    },
  );

  it('is cut off after 1 MiB', async () => {
    let written = 0;
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = (): void => {
        while (!response.destroyed && written < 100 * 1_048_576 && response.write(Buffer.alloc(65_536, 32)))
          written += 65_536;
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    };
    expect((await failureAt()).code).toBe('too_large');
    expect(written).toBeLessThan(20 * 1_048_576);
  });

  it('is cut off after ten seconds, however steadily it drips, and delays no other', async () => {
    const honest = await EndpointServer.start();
    try {
      honest.answer = feed([[event('1')]]);
      server.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 50);
        response.once('close', () => clearInterval(timer));
      };
      const other = new FakeHost();
      followers.push(followEndpoint({ ...assignment(honest.url), id: 'dse_honest' }, other));
      expect((await failureAt()).code).toBe('timeout');
      expect(honest.requests.length).toBeGreaterThan(20);
      expect(other.state).toMatchObject({ sync: { state: 'polling' }, endpoint: { event_lag: 0 } });
    } finally {
      await Promise.all(followers.map((each) => each.stop()));
      await honest.close();
    }
  });

  it.each([
    ['seconds', () => '120', 120_000],
    ['a date', () => new Date(Date.now() + 120_000).toUTCString(), 118_000],
    ['a day', () => '86400', 3_600_000],
  ])('is not asked again before its Retry-After: %s', async (_, header, atLeast) => {
    for (const status of [429, 503]) {
      host = new FakeHost();
      server.answer = json({}, status, { 'retry-after': header() });
      expect((await failureAt()).code).toBe(status === 429 ? 'rate_limited' : 'unavailable');
      const wait = (host.state?.sync.next_attempt_at ?? 0) - Date.now();
      expect(wait).toBeGreaterThan(atLeast - 5_000);
      expect(wait).toBeLessThan(3_600_000 * 1.2);
    }
  });

  it('that refuses the signature is a refusal; the cause may be its clock', async () => {
    server.answer = json({ error: 'source_signature_invalid', message: 'canary' }, 401);
    expect(await failureAt()).toMatchObject({ code: 'signature_refused', attempt: { outcome: 'refused' } });
    host = new FakeHost();
    server.answer = json({ error: 'source_timestamp_expired' }, 401, {
      date: new Date(Date.now() - 600_000).toUTCString(),
    });
    const { code, message } = await failureAt();
    expect([code, message]).toEqual(['clock_skew', expect.stringMatching(/Its clock is (599|600|601) s behind/)]);
  });

  it('is not quoted where it answers its signing key, or another word than those of the protocol', async () => {
    server.answer = json({ error: 'canary_signing_key' }, 401);
    const given = { ...assignment(), source: { url: server.url, signingKeys: ['canary_signing_key'] } };
    followers.push(followEndpoint(given, host));
    await eventually(() => host.attempts.length > 0);
    expect(host.state?.sync.error?.code).toBe('signature_refused');
    expect(host.everything).not.toMatch(/canary/);
    server.answer = json({ error: 'source_events_not_configured' }, 404);
    host = new FakeHost();
    expect((await failureAt()).message).toContain('(source_events_not_configured)');
  });

  it('may not lead to addresses that are not allowed, and has to be resolved', async () => {
    expect((await failureAt('http://169.254.169.254/canary')).code).toBe('target_refused');
    host = new FakeHost();
    expect((await failureAt('http://name.invalid/')).code).toBe('name_not_resolved');
    host = new FakeHost();
    expect((await failureAt('http://localhost:1/')).code).toBe('connection_refused');
  });

  it('needs a certificate of a known authority', async () => {
    const secure = await EndpointServer.start(selfSigned());
    try {
      expect((await failureAt(secure.url)).code).toBe('tls_error');
    } finally {
      await secure.close();
    }
  });

  it.each([
    ['that has expired', { days: -1 }, 'The certificate has expired.'],
    ['for another host', { host: 'other.test' }, 'The certificate is for another name.'],
  ])('needs a certificate that is valid, and not one %s', async (_, options, message) => {
    const certificate = selfSigned(options);
    const secure = await EndpointServer.start(certificate);
    try {
      const error = await new Promise((resolve) => {
        request(secure.url, { ca: certificate.cert, agent: false }).on('error', resolve).end();
      });
      expect(connectionFailure(error)).toMatchObject({ code: 'tls_error', message, item: 'tls' });
    } finally {
      await secure.close();
    }
  });

  it('may answer 100 first, and send headers twice', async () => {
    server.answer = (_, response) => {
      const header = 'content-type: application/json\r\n';
      response.socket?.end(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${header}${header}content-length: 13\r\n\r\n{"events":[]}`,
      );
    };
    followers.push(followEndpoint(assignment(), host));
    await eventually(() => server.requests.length >= 2);
    expect(host.state).toMatchObject({ sync: { state: 'polling' }, endpoint: { event_lag: 0 } });
  });

  it('cannot put anything into objects of ours with names of theirs', async () => {
    server.answer = json(
      '{"events":[{"id":"__proto__","model":"constructor","entityId":"\\ud800","type":"UPDATE","data":{"__proto__":{"polluted":true},"big":9007199254740993,"half":"\\ud800"}}]}',
    );
    followers.push(followEndpoint(assignment(), host));
    await eventually(() => host.ids.length === 1);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(host.batches[0]?.changes[0]).toMatchObject({
      id: 'dse_hostile:__proto__',
      key: 'events.constructor.update',
    });
    // A number beyond 2^53 is rounded; all else is as it was sent.
    expect(host.batches[0]?.changes[0]?.body).toContain(
      '"after":{"__proto__":{"polluted":true},"big":9007199254740992,"half":"\\ud800"}',
    );
  });
});

describe('checkEndpoint', () => {
  const check = (url?: string) => checkEndpoint(assignment(url), host, new AbortController().signal);

  it('asks for one event and publishes nothing', async () => {
    server.answer = feed([[event('1')]]);
    expect(await check()).toMatchObject({ outcome: 'ready', failures: [] });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ type: 'events', limit: 1 });
    expect(host.batches).toEqual([]);
  });

  it('names what is wrong and what to do', async () => {
    server.answer = json({ error: 'source_signature_invalid' }, 401);
    expect(await check()).toMatchObject({
      outcome: 'refused',
      credentialsRefused: true,
      failures: [
        {
          item: 'signature',
          actual: expect.stringContaining('401') as string,
          fix: expect.stringContaining('rotate_key') as string,
        },
      ],
    });
    server.answer = json({}, 500);
    expect(await check()).toMatchObject({ outcome: 'unreachable', failures: [{ item: 'endpoint' }] });
    expect(await check('http://localhost:1/')).toMatchObject({
      outcome: 'unreachable',
      failures: [{ item: 'reachable' }],
    });
    expect(await check('http://10.0.0.1/')).toMatchObject({ outcome: 'refused', failures: [{ item: 'reachable' }] });
  });

  it('ends when it is aborted', async () => {
    server.answer = () => undefined;
    const abort = new AbortController();
    const checked = checkEndpoint(assignment(), host, abort.signal);
    await eventually(() => server.requests.length === 1);
    abort.abort(new Error('enough'));
    await expect(checked).rejects.toThrow('enough');
  });
});

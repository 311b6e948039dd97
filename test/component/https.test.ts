import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { eventually, selfSigned } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('the API over https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-https-'));
  const files = { SIGNALBOX_TLS_CERT_FILE: join(folder, 'cert.pem'), SIGNALBOX_TLS_KEY_FILE: join(folder, 'key.pem') };
  const [first, second] = [selfSigned(), selfSigned()];
  let system: SystemInProcess;
  let gateway: ServiceInProcess;
  let ports: { port: number; managementPort: number };

  /** As a secret is replaced: each file at once. */
  const write = ({ cert, key }: { cert: string; key: string }): void => {
    for (const [file, content] of [
      [files.SIGNALBOX_TLS_CERT_FILE, cert],
      [files.SIGNALBOX_TLS_KEY_FILE, key],
    ] as const) {
      writeFileSync(`${file}.new`, content);
      renameSync(`${file}.new`, file);
    }
  };
  const fingerprintOf = ({ cert }: { cert: string }): string => new X509Certificate(cert).fingerprint256;

  beforeAll(async () => {
    write(first);
    system = await System.inProcess();
    gateway = new ServiceInProcess('gateway', system.gatewayEnvironment(files));
    const { port, managementPort } = await gateway.ready;
    ports = { port: port!, managementPort };
    await eventually(async () => (await get('/status')).status === 200);
  });
  afterAll(async () => {
    await gateway.stop();
    await system.close();
    rmSync(folder, { recursive: true });
  });

  interface Answer {
    readonly status: number | undefined;
    readonly fingerprint: string;
  }
  const get = async (
    path: string,
    { key = system.adminKey, agent }: { key?: string; agent?: Agent } = {},
  ): Promise<Answer> => {
    const headers = { 'x-api-key': key };
    const options = { host: '127.0.0.1', port: ports.port, path, headers, rejectUnauthorized: false };
    const sent = request({ ...options, agent: agent ?? false });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end();
    const [response] = await answered;
    const fingerprint = (response.socket as TLSSocket).getPeerCertificate().fingerprint256;
    await text(response);
    return { status: response.statusCode, fingerprint };
  };
  const certificate = async (): Promise<{ status: string; detail?: string } | undefined> => {
    const response = await fetch(`http://127.0.0.1:${ports.managementPort}/readyz?verbose`);
    const { checks } = (await response.json()) as { checks: Record<string, { status: string; detail?: string }> };
    return checks['tls certificate'];
  };

  it('takes TLS 1.2 and later, and no http', async () => {
    for (const [version, isTaken] of [
      ['TLSv1.1', false],
      ['TLSv1.2', true],
      ['TLSv1.3', true],
    ] as const) {
      const socket = connect({
        host: '127.0.0.1',
        port: ports.port,
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      const outcome = await Promise.race([
        once(socket, 'secureConnect').then(() => true),
        once(socket, 'close').then(() => false),
      ]).catch(() => false);
      expect([version, outcome]).toEqual([version, isTaken]);
      socket.destroy();
    }
    await expect(fetch(`http://127.0.0.1:${ports.port}/livez`)).rejects.toThrow('fetch failed');
    expect((await get('/status')).status).toBe(200);
  });

  it('holds guesses back, and serves others meanwhile', async () => {
    const guess = `sk_live_${'x'.repeat(36)}`;
    const agent = new Agent({ rejectUnauthorized: false });
    const guesses = Array.from({ length: 260 }, () => get('/status', { key: guess, agent }).catch(() => undefined));
    await eventually(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${ports.managementPort}/metrics`)).text();
      return /signalbox_requests_refused_total\{reason="too_many_guesses"/.test(metrics);
    });
    expect((await get('/status')).status).toBe(200);
    agent.destroy();
    await Promise.all(guesses);
  });

  it('uses a new certificate for new connections, and keeps those that are open', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await get('/status', { agent })).toEqual({ status: 200, fingerprint: fingerprintOf(first) });
    write(second);
    await eventually(async () => (await get('/status')).fingerprint === fingerprintOf(second));
    expect(await get('/status', { agent })).toEqual({ status: 200, fingerprint: fingerprintOf(first) });
    agent.destroy();
  });

  it('keeps its certificate where the new files cannot be used, and says so', async () => {
    expect(await certificate()).toMatchObject({ status: 'up', detail: expect.stringMatching(/^valid to /) as string });
    write({ cert: first.cert, key: second.key });
    const broken = await eventually(async () => {
      const found = await certificate();
      return found?.status === 'down' && found;
    });
    expect(broken.detail).toContain('is not that of the certificate');
    expect(await get('/status')).toEqual({ status: 200, fingerprint: fingerprintOf(second) });
    expect(gateway.output).toContain('the TLS certificate before stays in use');
    write(first);
    await eventually(async () => (await certificate())?.status === 'up');
    expect((await get('/status')).fingerprint).toBe(fingerprintOf(first));
  });

  it.each([
    ['a key of another certificate', { cert: first.cert, key: second.key }, /is not that of the certificate in/],
    ['no certificate', { cert: 'none', key: first.key }, /must hold a certificate and its key as PEM/],
    ['no file', undefined, /SIGNALBOX_TLS_CERT_FILE: .* cannot be read: .*ENOENT/],
  ])('does not start with %s', async (_what, pair, message) => {
    const other = mkdtempSync(join(folder, 'other-'));
    const env = { SIGNALBOX_TLS_CERT_FILE: join(other, 'cert.pem'), SIGNALBOX_TLS_KEY_FILE: join(other, 'key.pem') };
    if (pair !== undefined) {
      writeFileSync(env.SIGNALBOX_TLS_CERT_FILE, pair.cert);
      writeFileSync(env.SIGNALBOX_TLS_KEY_FILE, pair.key);
    }
    await expect(new ServiceInProcess('gateway', system.gatewayEnvironment(env)).ready).rejects.toThrow(message);
  });

  it('does not start with one file of the two', async () => {
    const { SIGNALBOX_TLS_KEY_FILE: _, ...env } = files;
    await expect(new ServiceInProcess('gateway', system.gatewayEnvironment(env)).ready).rejects.toThrow(
      'SIGNALBOX_TLS_KEY_FILE',
    );
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A key and a certificate for a host that no authority has signed, as PEM. @param days that it is valid; -1: it expired a day ago */
export function selfSigned({ host = 'localhost', days = 2 } = {}): { key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'self-signed-'));
  const openssl = (...options: string[]): unknown => execFileSync('openssl', options, { cwd: folder, stdio: 'ignore' });
  try {
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    const extensions = [...names, '-addext', 'basicConstraints=critical,CA:TRUE'];
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'request.pem', ...extensions);
    const signing = ['-signkey', 'key.pem', '-copy_extensions', 'copy', '-days', String(days)];
    openssl('x509', '-req', '-in', 'request.pem', ...signing, '-out', 'cert.pem');
    const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
    return { key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

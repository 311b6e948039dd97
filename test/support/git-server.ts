import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const identity = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
};

/** Git's own HTTP server (`git http-backend`) on loopback, with repositories a test makes. */
export class GitServer {
  readonly asked: string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'signalbox-git-'));
  private constructor(private readonly server: Server) {}

  static async start(): Promise<GitServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const started = new GitServer(server);
    server.on('request', (request, response) => started.serve(request, response));
    return started;
  }

  urlOf(name: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  /** Commits these files to a branch of a repository, which is made when it is not there. */
  commit(
    name: string,
    files: Record<string, string>,
    { branch = 'main', links = {} }: { branch?: string; links?: Record<string, string> } = {},
  ): void {
    const work = join(this.folder, `${name}.work`);
    const git = (...args: string[]): void =>
      void execFileSync('git', args, { cwd: work, env: { ...process.env, ...identity }, stdio: 'ignore' });
    mkdirSync(work, { recursive: true });
    git('init', '-q', '-b', 'main');
    git('checkout', '-q', '-B', branch);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), content);
    }
    for (const [path, target] of Object.entries(links)) execFileSync('ln', ['-sf', target, join(work, path)]);
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', 'a commit');
    git('init', '-q', '--bare', '-b', 'main', join(this.folder, name));
    git('push', '-q', '--force', join(this.folder, name), branch);
  }

  /** A repository without a commit. */
  bare(name: string): void {
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(this.folder, name)], { stdio: 'ignore' });
  }

  close(): void {
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** CGI, as RFC 3875 has it. */
  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    this.asked.push(`${request.method} ${pathname}`);
    const cgi = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        ...(request.headers['git-protocol'] !== undefined && { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(cgi.stdin);
    const chunks: Buffer[] = [];
    cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    cgi.on('close', () => {
      const output = Buffer.concat(chunks);
      const end = output.indexOf('\r\n\r\n');
      for (const line of output.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ', 2);
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else if (name !== '') response.setHeader(name, value);
      }
      response.end(output.subarray(end + 4));
    });
  }
}

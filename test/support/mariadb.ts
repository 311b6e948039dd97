import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '@signalbox/local-infra';
import { eventually } from '@signalbox/testing';

const USER = { database: 'd', user: 'u', password: 'pass word' };

/** A MariaDB server of a test's own, with one database and one user. Await `testPackages()` before. */
export class MariaDb {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<MariaDb> {
    const program = findProgram();
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-mariadb-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    const options = [
      '--no-defaults',
      `--datadir=${data}`,
      '--innodb-buffer-pool-size=16M',
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ];
    const made = spawnSync(program, [...options, '--bootstrap'], { input: bootstrapOf(program), encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`mariadbd --bootstrap: ${made.stderr}`);
    const port = await freePort();
    const server = spawn(
      program,
      [
        ...options,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--skip-name-resolve',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await eventually(
      () => {
        if (server.exitCode !== null) throw new Error(`mariadbd ended: ${log}`);
        return log.includes('ready for connections');
      },
      { timeoutMs: 60_000 },
    );
    return new MariaDb(server, folder, port);
  }

  get connection(): { host: string; port: number; database: string; user: string; password: string } {
    return { host: '127.0.0.1', port: this.port, ...USER };
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

function findProgram(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const found = folders.map((folder) => join(folder, 'mariadbd')).find((file) => existsSync(file));
  if (found === undefined) throw new Error('there is no mariadbd: install mariadb-server-core');
  return realpathSync(found);
}

/** The SQL that `mariadb-install-db` runs. That script also needs `my_print_defaults`, from another Debian package. */
function bootstrapOf(program: string): string {
  const share = ['mysql', 'mariadb']
    .map((name) => join(dirname(program), '../share', name))
    .find((folder) => existsSync(join(folder, 'mysql_system_tables.sql')));
  if (share === undefined) throw new Error(`the system tables of ${program} are not where they usually are`);
  const tables = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'].map(
    (name) => readFileSync(join(share, name), 'utf8'),
  );
  const account = `'${USER.user}'@'127.0.0.1'`;
  return [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    'SET @auth_root_socket=NULL;',
    ...tables,
    `CREATE DATABASE ${USER.database};`,
    'FLUSH PRIVILEGES;',
    `CREATE USER ${account} IDENTIFIED BY '${USER.password}';`,
    `GRANT ALL ON ${USER.database}.* TO ${account};`,
    '',
  ].join('\n');
}

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@signalbox/testing';
import type { ServiceInProcess } from './service-in-process.js';
import type { ServiceProcess } from './service-process.js';
import type { Service } from './service.js';
import { System } from './system.js';

export interface RegistryStatus {
  timestamp: number;
  projects: { name: string; packages: { name: string }[]; connections: { name: string }[] }[];
  initialized: boolean;
  operationalState: string;
  frozenConfig: boolean;
  loadErrors?: { project?: string; package?: string; connection?: string; message: string; at: number }[];
  stale?: true;
}

/** A registry with a folder of its own, in which a test puts packages and a configuration. */
export class Registry<S extends Service = ServiceProcess> {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-registry-')));
  keys = randomBytes(32).toString('base64');

  constructor(readonly system: System<S>) {}

  /** A system of its own with a gateway process that stops at once; `close` ends both. */
  static async withGateway(): Promise<Registry> {
    const registry = new Registry(await System.create());
    await registry.system.startGatewayProcess({ SIGNALBOX_DRAIN_MS: '0' });
    return registry;
  }

  /** The same in the process of the test. */
  static async withGatewayInProcess(env: Record<string, string> = {}): Promise<RegistryInProcess> {
    const registry = new Registry(await System.inProcess());
    await registry.system.startGateway({ SIGNALBOX_DRAIN_MS: '0', ...env });
    return registry;
  }

  /** @param config the content of `signalbox.config.json`: text as it is, anything else as JSON; undefined leaves the file as it is */
  async start({ config, env = {} }: { config?: unknown; env?: Record<string, string> } = {}): Promise<S> {
    if (config !== undefined)
      writeFileSync(this.configFile, typeof config === 'string' ? config : JSON.stringify(config));
    const process = this.system.start('registry', {
      SIGNALBOX_SECRET_KEYS: this.keys,
      SIGNALBOX_REGISTRY_DATA: join(this.folder, 'data'),
      SIGNALBOX_CONFIG_FILE: this.configFile,
      SIGNALBOX_DRAIN_MS: '0',
      ...env,
    });
    await process.ready;
    return process;
  }

  /** From the next start on. */
  newKeys(): void {
    this.keys = randomBytes(32).toString('base64');
  }

  get configFile(): string {
    return join(this.folder, 'signalbox.config.json');
  }

  /** Makes a package in a folder; its location is `./<name>`. */
  makePackage(name: string, manifest: unknown = { name, description: `about ${name}` }, readme?: string): void {
    mkdirSync(join(this.folder, name), { recursive: true });
    writeFileSync(
      join(this.folder, name, 'publisher.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    );
    if (readme !== undefined) writeFileSync(join(this.folder, name, 'README.md'), readme);
  }

  async status(): Promise<RegistryStatus> {
    const response = await this.system.get('/api/v0/status');
    if (response.status !== 200) throw new Error(`GET /api/v0/status: ${response.status} ${await response.text()}`);
    return (await response.json()) as RegistryStatus;
  }

  async serving(): Promise<RegistryStatus> {
    return eventually(
      async () => {
        const status = await this.status();
        return status.operationalState === 'serving' ? status : undefined;
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Closes its system and removes its folder. */
  async close(): Promise<void> {
    await this.system.close();
    this.remove();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export type RegistryInProcess = Registry<ServiceInProcess>;

import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { OPERATORS_ACCOUNT } from '@signalbox/contracts/http';
import { askedBy, auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, CONFIG, ConfigError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { generateApiKey, hashApiKey, isSecret, isWellFormed } from './api-key.js';
import { newKey } from './new-key.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';

/** Adds the first admin key: the one in the key file, which is created with mode 0600 if it is missing. */
@Injectable()
export class BootstrapAdminKey implements OnApplicationBootstrap {
  constructor(
    private readonly keys: ApiKeyRepository,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const file = this.config.SIGNALBOX_ADMIN_KEY_FILE;
    const key = await readOrMake(file);
    const known = await this.keys.findBySha256(hashApiKey(key));
    if (known === null) await this.add(key);
    else if (known.revokedAt !== null) {
      this.logger.warn(
        { file },
        'the key in the admin key file was revoked; remove the file to get a new one at the next start',
      );
    } else if (known.rotatedTo !== null) {
      this.logger.warn(
        { file, rotated_to: known.rotatedTo },
        'the key in the admin key file was replaced; write the new key to the file, or remove it to get another one at the next start',
      );
    }
  }

  private async add(key: string): Promise<void> {
    const { row } = newKey(
      {
        name: 'bootstrap',
        role: 'admin',
        kind: 'secret',
        mode: 'live',
        scopes: [],
        networks: [],
        readers: null,
        dataplane: null,
        account: OPERATORS_ACCOUNT,
        createdAt: new Date(this.clock.now()),
        createdBy: null,
        expiresAt: null,
      },
      key,
    );
    const { id: resource, name, role, createdAt } = row;
    const audit = { at: createdAt.getTime(), action: 'create-key', resource, detail: { name, role } };
    const isNew = await this.keys.addUnlessKnown(row, auditOf(startOf(resource), audit));
    if (isNew)
      this.logger.info({ file: this.config.SIGNALBOX_ADMIN_KEY_FILE, hint: row.hint }, 'added the first admin key');
  }
}

/** No request asked for it. An entry needs the id of one, by which it is known. */
const startOf = (key: string): AskedBy => askedBy.parse({ key_id: null, request_id: `start_${key}`, address: '' });

async function readOrMake(file: string): Promise<string> {
  const made = generateApiKey('live');
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    // Several processes may start at once: one creates the file. A link of the complete draft, so that the others never read a part.
    await writeFile(draft, `${made}\n`, { mode: 0o600, flag: 'wx' });
    await link(draft, file);
    return made;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new ConfigError(`SIGNALBOX_ADMIN_KEY_FILE: ${file} cannot be written: ${(error as Error).message}`);
    }
  } finally {
    await rm(draft, { force: true });
  }
  const key = (await readFile(file, 'utf8')).trim();
  if (!isWellFormed(key) || !isSecret(key)) {
    throw new ConfigError(
      `SIGNALBOX_ADMIN_KEY_FILE: ${file} holds no secret API key; remove it to have a new one made`,
    );
  }
  return key;
}

// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The environment of a registry with so many projects of so many packages each, which it loads from files in the folder.
 * @param {string} home @param {{ projects: number, packages: number }} size
 */
export const registryEnv = (home, size) => ({
  SIGNALBOX_SECRET_KEYS: randomBytes(32).toString('base64'),
  SIGNALBOX_REGISTRY_DATA: join(home, 'data'),
  SIGNALBOX_CONFIG_FILE: writeConfig(home, size),
});

/** @param {string} home @param {{ projects: number, packages: number }} size */
function writeConfig(home, size) {
  const projects = Array.from({ length: size.projects }, (_, project) => ({
    name: `project-${project}`,
    connections: [
      { name: 'db', type: 'postgres', postgresConnection: { host: 'db', port: 5432, userName: 'u', password: 'p' } },
    ],
    packages: Array.from({ length: size.packages }, (__, index) => ({
      name: `package-${index}`,
      location: `./packages/${project}/${index}`,
    })),
  }));
  for (const [project, { packages }] of projects.entries()) {
    for (const [index, { name, location }] of packages.entries()) {
      mkdirSync(join(home, location), { recursive: true });
      writeFileSync(
        join(home, location, 'publisher.json'),
        JSON.stringify({ name, description: `package ${index} of project ${project}` }),
      );
    }
  }
  const file = join(home, 'signalbox.config.json');
  writeFileSync(file, JSON.stringify({ projects }));
  return file;
}

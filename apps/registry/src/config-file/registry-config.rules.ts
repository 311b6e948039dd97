import { isMembers, type JsonValue, type Members } from '@signalbox/contracts/streams';

/** The entries of the configuration file, and the problems of entries that cannot be used. */
export interface RegistryConfig {
  /** False for a file that cannot be read: then nothing is loaded from it, and nothing stored is deleted because of it. */
  readonly isReadable: boolean;
  readonly frozen: boolean;
  /** Why it is frozen, said of the file: `is not JSON`. */
  readonly frozenBecause?: string;
  readonly projects: readonly ConfiguredProject[];
  readonly problems: readonly ConfigProblem[];
}

export interface ConfiguredProject {
  readonly name: string;
  readonly body: Members;
  readonly connections: readonly NamedEntry[];
  readonly packages: readonly NamedEntry[];
}

/** An entry of the file. Only its name has been checked. */
export type NamedEntry = Members & { readonly name: string };

export interface ConfigProblem {
  readonly project?: string;
  readonly package?: string;
  readonly connection?: string;
  readonly message: string;
}

/** The result for a file that cannot be read. It may say that the configuration is frozen, so it counts as frozen. */
export const unreadable = (because: string, until: string): RegistryConfig => ({
  isReadable: false,
  frozen: true,
  frozenBecause: because,
  projects: [],
  problems: [{ message: `The configuration file ${because}; until ${until}, nothing can be changed.` }],
});

export const EMPTY: RegistryConfig = { isReadable: true, frozen: false, projects: [], problems: [] };

/** `${UPPER_SNAKE}` in a value. */
const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;
/** Signalbox's own variables must not get into settings of connections, which are shown to clients. */
const OURS = /^(SIGNALBOX_|(DATABASE_URL|RABBITMQ_URL)(_FILE)?$)/;

/** Parses the text of a `signalbox.config.json`. Problems are reported for each entry; the other entries are used. */
export function parseConfig(text: string, variable: (name: string) => string | undefined): RegistryConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return unreadable('is not JSON', 'it is');
  }
  if (!isMembers(parsed)) return unreadable('is not a JSON object', 'it is');
  const problems: ConfigProblem[] = [];
  const projects: ConfiguredProject[] = [];
  if (parsed['projects'] !== undefined && !Array.isArray(parsed['projects']))
    problems.push({ message: 'projects must be an array; none was loaded.' });
  const seen = new Set<string>();
  for (const [index, entry] of listOf(parsed['projects']).entries()) {
    const name = isMembers(entry) ? entry['name'] : undefined;
    if (!isMembers(entry) || typeof name !== 'string')
      problems.push({ message: `projects[${index}] has no name; it was not loaded.` });
    else if (seen.has(name))
      problems.push({ project: name, message: 'There is a project of this name before; this one was not loaded.' });
    else {
      seen.add(name);
      projects.push(projectOf({ name, entry, variable, problems }));
    }
  }
  const frozenBecause = frozenBy(parsed['frozenConfig'], problems);
  const isFrozen = frozenBecause !== undefined;
  return { isReadable: true, frozen: isFrozen, ...(isFrozen && { frozenBecause }), projects, problems };
}

interface ProjectSource {
  readonly name: string;
  readonly entry: Members;
  readonly variable: (name: string) => string | undefined;
  readonly problems: ConfigProblem[];
}

function projectOf({ name, entry, variable, problems }: ProjectSource): ConfiguredProject {
  const usable = (kind: 'package' | 'connection', list: JsonValue | undefined): NamedEntry[] =>
    listOf(list).flatMap((item, index) => {
      const own = isMembers(item) && typeof item['name'] === 'string' ? item['name'] : undefined;
      const report = (message: string): [] => {
        problems.push({ project: name, ...(own !== undefined && { [kind]: own }), message });
        return [];
      };
      if (!isMembers(item) || own === undefined) return report(`${kind}s[${index}] has no name; it was not loaded.`);
      const { value, unset } = substitute(item, variable);
      return unset.length > 0 ? report(unsetText(unset)) : [{ ...(value as Members), name: own }];
    });
  const { connections, packages, ...rest } = entry;
  const { value, unset } = substitute(rest, variable);
  if (unset.length > 0) problems.push({ project: name, message: unsetText(unset) });
  for (const [member, list] of Object.entries({ connections, packages })) {
    if (list !== undefined && !Array.isArray(list))
      problems.push({ project: name, message: `${member} must be an array; none was loaded.` });
  }
  const body = unset.length > 0 ? { name } : (value as Members);
  return { name, body, connections: usable('connection', connections), packages: usable('package', packages) };
}

const unsetText = (names: readonly string[]): string =>
  `It needs ${names.map((name) => `\${${name}}`).join(', ')}, which is not set in the environment, or not for this; it was not loaded.`;

/** Anything but false or null counts as frozen, so that a mistake does not allow changes. */
function frozenBy(value: JsonValue | undefined, problems: ConfigProblem[]): string | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === true) return 'says so (frozenConfig)';
  problems.push({ message: 'frozenConfig is neither true nor false; it counts as true.' });
  return 'has a frozenConfig that is neither true nor false';
}

function substitute(
  value: JsonValue,
  variable: (name: string) => string | undefined,
): { value: JsonValue; unset: string[] } {
  const unset = new Set<string>();
  const walk = (each: JsonValue): JsonValue => {
    if (typeof each === 'string') {
      return each.replace(VARIABLE, (whole, name: string) => {
        const found = OURS.test(name) ? undefined : variable(name);
        if (found === undefined) unset.add(name);
        return found ?? whole;
      });
    }
    if (Array.isArray(each)) return each.map(walk);
    return isMembers(each)
      ? Object.fromEntries(Object.entries(each).map(([name, member]) => [name, walk(member)]))
      : each;
  };
  return { value: walk(value), unset: [...unset] };
}

const listOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

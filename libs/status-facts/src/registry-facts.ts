import type { RegistryFacts } from '@signalbox/component-status';
import type { LoadErrorEntry, registryStream } from '@signalbox/contracts/streams';
import type { FollowedStream } from '@signalbox/state-streams';

export function registryFacts({ collections }: FollowedStream<typeof registryStream>): RegistryFacts {
  return {
    state: collections.service.get()?.state,
    loadErrors: [...collections.loadError.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => ({ subject: subjectOf(entry), message: entry.message, at: entry.at })),
  };
}

function subjectOf({ project, package: pkg, connection }: LoadErrorEntry): string {
  if (project === undefined) return 'the configuration file';
  if (pkg !== undefined) return `package ${project}/${pkg}`;
  return connection === undefined ? `project ${project}` : `connection ${project}/${connection}`;
}

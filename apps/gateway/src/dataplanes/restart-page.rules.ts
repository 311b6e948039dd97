import { RESTART_ENDS, type RestartEntry, type RestartState } from '@signalbox/contracts/streams';

export interface RestartFilter {
  readonly dataplane?: string | undefined;
  readonly state?: RestartState | undefined;
  /** Only those that have not ended, or only those that have. */
  readonly open?: boolean | undefined;
}

export interface PageWanted extends RestartFilter {
  readonly limit: number;
  /** Where the page before ended. */
  readonly before?: string | undefined;
}

export interface RestartPage {
  readonly data: RestartEntry[];
  readonly next_before: string | null;
}

/** `<time of the request>.<id>`: it names a place in the list also when its restart is not in the list any more. */
export const CURSOR = /^(\d{1,16})\.(restart-[0-9a-f]{24})$/;

/** A page of restarts, the latest request first. Restarts that are requested between two pages move nothing. */
export function pageOf(restarts: Iterable<RestartEntry>, { limit, before, ...filter }: PageWanted): RestartPage {
  const [, time, id] = CURSOR.exec(before ?? '') ?? [];
  const isAfter = (restart: RestartEntry): boolean =>
    id === undefined || newestFirst({ at: Number(time), id }, placeOf(restart)) < 0;
  const found = [...restarts]
    .filter((restart) => matches(restart, filter) && isAfter(restart))
    .toSorted((a, b) => newestFirst(placeOf(a), placeOf(b)));
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, next_before: last && found.length > limit ? cursorOf(last) : null };
}

function matches(restart: RestartEntry, { dataplane, state, open }: RestartFilter): boolean {
  if (dataplane !== undefined && restart.dataplane !== dataplane) return false;
  if (state !== undefined && restart.state !== state) return false;
  return open === undefined || open === !RESTART_ENDS.has(restart.state);
}

interface Place {
  readonly at: number;
  readonly id: string;
}

const placeOf = ({ id, timeline }: RestartEntry): Place => ({ at: timeline[0]?.at ?? 0, id });

function cursorOf(restart: RestartEntry): string {
  const { at, id } = placeOf(restart);
  return `${at}.${id}`;
}

const newestFirst = (a: Place, b: Place): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

import { componentNames, type ActiveNotice } from '@signalbox/component-status';
import type { NoticeEntry } from '@signalbox/contracts/streams';

/** The notices whose time has begun and is not over, the one that ends last first. @param now Unix ms */
export const activeAt = (now: number, notices: Iterable<NoticeEntry>): NoticeEntry[] =>
  [...notices]
    .filter(({ starts_at, ends_at }) => starts_at <= now && now < ends_at)
    .toSorted((a, b) => b.ends_at - a.ends_at);

/** As the evaluation takes it. A notice of a later release may name components that are not known here. */
export const toActiveNotice = ({ id, components }: NoticeEntry): ActiveNotice => ({
  id,
  components: componentNames.filter((name) => components.includes(name)),
});

import { Inject, Injectable } from '@nestjs/common';
import type { ChangeNoticeBody, Notice } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { invalidMember } from '../http/errors/invalid-request.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { noticeIsOver, noticeNotFound } from './notice-errors.js';
import type { NoticeRow } from './notice.entity.js';
import { toNotice, toNoticeEntry } from './notice.mapper.js';
import { NoticeRepository, type NoticeChange } from './notice.repository.js';
import { NoticesView } from './notices.view.js';

interface AskedChange {
  readonly id: string;
  readonly by: AskedBy;
  readonly action: string;
  readonly detail: Readonly<Record<string, string>>;
}

/** Extends, shortens or ends a notice that is not over. This process shows the change when the promise resolves. */
@Injectable()
export class ChangeNoticeCommand {
  constructor(
    private readonly notices: NoticeRepository,
    private readonly view: NoticesView,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 an end that has passed or is before the begin, 404 unknown, 409 over */
  change(id: string, { message, ends_at }: ChangeNoticeBody, by: AskedBy): Promise<Notice> {
    const detail = { ...(ends_at !== undefined && { ends_at }) };
    return this.apply({ id, by, action: 'change-notice', detail }, (row, now) => {
      const endsAt = ends_at === undefined ? row.endsAt : new Date(ends_at);
      if (endsAt <= now) throw invalidMember('ends_at', 'is in the past; POST /v1/notices/{id}/end ends it now');
      if (endsAt <= row.startsAt) throw invalidMember('ends_at', 'is not after starts_at');
      return { message: message ?? row.message, endsAt };
    });
  }

  /** One whose time has not begun is cancelled. @throws ApiError 404 unknown, 409 over */
  end(id: string, by: AskedBy): Promise<Notice> {
    return this.apply({ id, by, action: 'end-notice', detail: {} }, (row, now) => ({
      endsAt: row.startsAt > now ? row.startsAt : now,
    }));
  }

  private async apply(
    { id, by, ...audited }: AskedChange,
    change: (row: NoticeRow, now: Date) => NoticeChange,
  ): Promise<Notice> {
    const now = new Date(this.clock.now());
    const checked = (row: NoticeRow): NoticeChange => {
      if (row.endsAt <= now || row.endsAt <= row.startsAt) throw noticeIsOver(id);
      return change(row, now);
    };
    const audit = auditOf(by, { at: now.getTime(), resource: id, ...audited });
    const written = await this.notices.change(id, checked, audit);
    if (written === undefined) throw noticeNotFound(id);
    this.view.changed(toNoticeEntry(written.row), written.seq);
    await this.writes.visible(written);
    return toNotice(written.row, this.clock.now());
  }
}

import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { componentNames } from '@signalbox/component-status';
import type { Notice, ScheduleNoticeBody } from '@signalbox/contracts/http';
import { auditOf, type AskedBy } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ApiError } from '../http/errors/api-error.js';
import { invalidMember } from '../http/errors/invalid-request.js';
import { ReadYourWrites } from '../state/read-your-writes.js';
import { toNotice, toNoticeEntry } from './notice.mapper.js';
import { NoticeRepository } from './notice.repository.js';
import { NoticesView } from './notices.view.js';

const MOST_OPEN = 100;

/** Schedules a maintenance, or begins one. This process shows it when the promise resolves. */
@Injectable()
export class ScheduleNoticeCommand {
  constructor(
    private readonly notices: NoticeRepository,
    private readonly view: NoticesView,
    private readonly writes: ReadYourWrites,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 a component or a time that cannot be, 409 too many notices */
  async execute({ message, components, starts_at, ends_at }: ScheduleNoticeBody, by: AskedBy): Promise<Notice> {
    const now = new Date(this.clock.now());
    const startsAt = starts_at === undefined ? now : new Date(starts_at);
    const endsAt = new Date(ends_at);
    const unknown = components.find((name) => !(componentNames as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw invalidMember('components', `has ${unknown}, which is none of ${componentNames.join(', ')}`);
    if (endsAt <= now) throw invalidMember('ends_at', 'is in the past');
    if (endsAt <= startsAt) throw invalidMember('ends_at', 'is not after starts_at');
    if ((await this.notices.countOpen(now)) >= MOST_OPEN) {
      throw new ApiError({
        status: 409,
        code: 'too_many_notices',
        detail: `There are ${MOST_OPEN} notices already that are not over.`,
        suggestion: 'End those that are not needed: POST /v1/notices/{id}/end.',
      });
    }
    const id = `notice_${randomUUID()}`;
    const row = {
      id,
      message,
      components: [...new Set(components)],
      startsAt,
      endsAt,
      createdAt: now,
      createdBy: by.key_id,
    };
    const detail = { components: row.components, starts_at: startsAt.toISOString(), ends_at: endsAt.toISOString() };
    const audit = auditOf(by, { at: now.getTime(), action: 'schedule-notice', resource: id, detail });
    const written = await this.notices.add(row, audit);
    this.view.changed(toNoticeEntry(row), written.seq);
    await this.writes.visible(written);
    return toNotice(row, this.clock.now());
  }
}

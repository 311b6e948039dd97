import { describe, expect, it } from 'vitest';
import { requestIds } from './request-ids.js';

describe('requestIds', () => {
  it('makes ids of one shape that differ, also between processes', () => {
    const [nextId, nextIdOfAnother] = [requestIds(), requestIds()];
    const ids = Array.from({ length: 1_000 }, () => [nextId(), nextIdOfAnother()]).flat();
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{24}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

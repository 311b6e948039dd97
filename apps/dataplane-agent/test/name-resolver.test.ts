import { afterEach, describe, expect, it } from 'vitest';
import { NameResolver } from '../dist/routes/name-resolver.js';

const names = new NameResolver();
afterEach(() => names.stop());

describe('NameResolver', () => {
  it('knows what the system knows', async () => {
    expect(await names.resolve('localhost')).toContainEqual({
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) as string,
      family: expect.any(Number) as number,
    });
  });

  it('says that a name is unknown', async () => {
    await expect(names.resolve('does-not-exist.invalid')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
    });
  });

  it('asks a process anew where the one before is gone', async () => {
    const lost = names.resolve('localhost');
    names.stop();
    await expect(lost).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(await names.resolve('localhost')).not.toEqual([]);
  });
});

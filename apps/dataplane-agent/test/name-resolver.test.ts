import { afterEach, describe, expect, it } from 'vitest';
import { NameResolver } from '../dist/routes/name-resolver.js';

const names = new NameResolver();
afterEach(() => names.stop());

describe('NameResolver', () => {
  it('resolves what the system resolves', async () => {
    expect(await names.resolve('localhost')).toContainEqual({
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) as string,
      family: expect.any(Number) as number,
    });
  });

  it('rejects an unknown name', async () => {
    await expect(names.resolve('does-not-exist.invalid')).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as string,
    });
  });

  it('starts another process where the one before has exited', async () => {
    const lost = names.resolve('localhost');
    names.stop();
    await expect(lost).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(await names.resolve('localhost')).not.toEqual([]);
  });
});

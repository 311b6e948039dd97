import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { corsEnv } from './cors.config.js';

describe('SIGNALBOX_CORS_ORIGINS', () => {
  const schema = z.object(corsEnv);
  const read = (text?: string) => schema.safeParse({ SIGNALBOX_CORS_ORIGINS: text });

  it('is a list of exact origins, and empty by default', () => {
    expect(read().data).toEqual({ SIGNALBOX_CORS_ORIGINS: [] });
    expect(read(' https://app.example , http://localhost:5173,').data).toEqual({
      SIGNALBOX_CORS_ORIGINS: ['https://app.example', 'http://localhost:5173'],
    });
  });

  it.each([
    ['*', '* is not an origin'],
    ['null', 'null is not an origin'],
    ['app.example', 'app.example is not an origin'],
    ['file:///page', 'file:///page is not an origin'],
    ['https://app.example/', 'write https://app.example'],
    ['https://App.example:443', 'write https://app.example'],
    ['https://app.example, https://b.example/x?y', 'write https://b.example'],
  ])('refuses %s and names the entry', (text, message) => {
    expect(read(text).error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});

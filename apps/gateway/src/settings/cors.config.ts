import { z } from 'zod';

/** The variable of pages on other origins: a part of the gateway's configuration. */
export const corsEnv = {
  SIGNALBOX_CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text, context) => {
      const origins = text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== '');
      for (const origin of origins) {
        const problem = problemOf(origin);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      }
      return origins;
    })
    .meta({
      description:
        'Origins whose pages may call this API from a browser, with an API key or a token: `https://app.example.com`. Pages of this server need none.',
      values: 'origins, separated by commas',
    }),
};

/** A browser sends an origin in exactly one spelling, and it is compared as text. */
function problemOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return `${text} is not an origin: name each one as https://app.example.com`;
  return url.origin === text ? undefined : `${text} is not what browsers send as an origin: write ${url.origin}`;
}

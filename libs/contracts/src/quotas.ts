import { z } from 'zod';

/** What of a deployment is bounded: how much there may be, and what is counted. The service that owns it refuses more. */
export const QUOTAS = {
  projects: { most: 10_000, what: 'projects' },
  connections: { most: 50_000, what: 'connections of all projects' },
  packages: { most: 50_000, what: 'packages of all projects' },
  readme_bytes: { most: 268_435_456, what: 'bytes of the readmes of all projects and packages' },
  keys: { most: 1_000, what: 'keys that are neither revoked nor expired' },
  datasources: { most: 50_000, what: 'datasources of all accounts, with those whose deletion has not ended' },
} as const;

export type QuotaName = keyof typeof QUOTAS;

export const QUOTA_NAMES = Object.keys(QUOTAS) as readonly QuotaName[];

/** How much there may be of each. */
export type Quotas = Readonly<Record<QuotaName, number>>;

const HIGHEST = 10 ** 12;

const DEFAULTS = Object.fromEntries(QUOTA_NAMES.map((name) => [name, QUOTAS[name].most])) as Quotas;

/** The variable `SIGNALBOX_QUOTAS`, for example `projects=500, keys=2000`: a quota that it does not name has its default. */
export function envQuotas() {
  return z
    .string()
    .transform((text, context) => {
      const quotas: Record<QuotaName, number> = { ...DEFAULTS };
      const named = new Set<string>();
      const problem = (message: string): void => void context.issues.push({ code: 'custom', message, input: text });
      for (const part of text.split(',').map((each) => each.trim())) {
        if (part === '') continue;
        const [, name = '', most = ''] = /^(\w+)\s*=\s*(\d+)$/.exec(part) ?? [];
        if (name === '') problem(`${JSON.stringify(part)} is not <quota>=<whole number>`);
        else if (!isQuota(name)) problem(`there is no quota ${name}; there are ${QUOTA_NAMES.join(', ')}`);
        else if (named.has(name)) problem(`the quota ${name} stands there twice`);
        else if (Number(most) > HIGHEST) problem(`the quota ${name} is more than ${HIGHEST}`);
        else {
          quotas[name] = Number(most);
          named.add(name);
        }
      }
      return quotas as Quotas;
    })
    .default(DEFAULTS)
    .meta({
      values: 'quotas as `projects=500, keys=2000`',
      description:
        'How much there may be of what is bounded. The same for all services: each refuses what it owns, and the gateway shows all (`GET /v1/quotas`).',
      default_text: 'those of `GET /v1/quotas`',
    });
}

const isQuota = (name: string): name is QuotaName => Object.hasOwn(QUOTAS, name);

/** Why something that would be more is refused, and what to do. @param used what there is already */
export const quotaMessage = (name: QuotaName, { most, used }: { most: number; used: number }): string =>
  `The quota ${name} is ${most} (${QUOTAS[name].what}), and ${used} are used. Nothing was changed. ` +
  `Remove what is not needed, or raise the quota: SIGNALBOX_QUOTAS=${name}=<number>, for all services.`;

export const quotaUsage = z
  .object({
    name: z.enum(QUOTA_NAMES as [QuotaName, ...QuotaName[]]),
    description: z.string().describe('What is counted'),
    limit: z.int().min(0),
    used: z
      .int()
      .min(0)
      .nullable()
      .describe(
        'What there is now, as far as this gateway knows. It may be more than the limit: what is in the configuration file, or was there before the limit was lowered. Null before the first data of its owner',
      ),
  })
  .describe('A quota');
export type QuotaUsage = z.output<typeof quotaUsage>;

export const quotaList = z.object({ data: z.array(quotaUsage) });
export type QuotaList = z.output<typeof quotaList>;

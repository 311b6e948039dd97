import { z } from 'zod';

/** The variables of TLS: a part of the gateway's configuration. */
export const tlsEnv = {
  SIGNALBOX_TLS_CERT_FILE: z
    .string()
    .optional()
    .describe(
      'A certificate as PEM, followed by those of its issuers. With it the API is served over https, with TLS 1.2 or later, and not over http. Changed files are used without a restart. The management port stays http.',
    ),
  SIGNALBOX_TLS_KEY_FILE: z.string().optional().describe('The key of the certificate, as PEM without a passphrase.'),
};

type TlsEnv = z.output<z.ZodObject<typeof tlsEnv>>;

/** Reports one file without the other. */
export function checkTls(config: TlsEnv, context: z.RefinementCtx): void {
  const missing = (['SIGNALBOX_TLS_CERT_FILE', 'SIGNALBOX_TLS_KEY_FILE'] as const).filter(
    (variable) => config[variable] === undefined,
  );
  if (missing.length === 1)
    context.addIssue({ code: 'custom', path: missing, message: 'required with the other one of the two TLS files' });
}

/** ECDSA with P-256: every JWT library can verify it. */
export const TOKEN_ALGORITHM = 'ES256' as const;

import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { MAX_TOKEN_DAYS, type TokenFault, type TokenRecord } from '../../contracts/authTools.ts';
import type { KeyRing } from './keys.ts';

const ISSUER = 'turnkeep';
const AUDIENCE = 'turnkeep-server';
/** Clocks may differ by this much. */
export const SKEW_SECONDS = 30;

const claimsSchema = z.object({ jti: z.string().min(1), exp: z.number() });

/**
 * What a token says of itself, once its signature and times have been checked; `goodUntil` in
 * milliseconds since 1970, with the skew.
 */
export type Checked = { tokenId: string; goodUntil: number } | { fault: TokenFault };

const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);

/** The text of a token: HS256, with the key's id in its header. */
export function signToken(keys: KeyRing, record: TokenRecord): Promise<string> {
  const { kid, secret } = keys.current();
  return new SignJWT({ permissions: record.permissions, name: record.name })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
    .setSubject(record.user)
    .setJti(record.token_id)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds(record.issued_at))
    .setNotBefore(seconds(record.issued_at))
    .setExpirationTime(seconds(record.expires_at))
    .sign(secret);
}

/**
 * Checks signature, algorithm, issuer, audience and times. What the token may do is not taken from
 * it but from the registry, by its id.
 */
export async function checkToken(keys: KeyRing, text: string, now: Date): Promise<Checked> {
  try {
    const { payload } = await jwtVerify(
      text,
      ({ kid }) => {
        const key = typeof kid === 'string' ? keys.find(kid) : undefined;
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key.secret;
      },
      {
        algorithms: ['HS256'],
        typ: 'JWT',
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'jti', 'iat', 'nbf', 'exp'],
        clockTolerance: SKEW_SECONDS,
        // Also refuses a token from the future.
        maxTokenAge: MAX_TOKEN_DAYS * 86_400,
        currentDate: now,
      },
    );
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) return { fault: 'malformed' };
    const { jti, exp } = claims.data;
    return { tokenId: jti, goodUntil: (exp + SKEW_SECONDS) * 1000 };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' || error.claim === 'iat' ? 'not_yet' : 'unknown';
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'malformed';
  if (error instanceof errors.JOSEError) return 'unknown';
  throw error;
}

/** Who may look at all organizations of a deployment: whoever has the root token, or the token for metrics alone. */
import { tokenOf } from '../../authn/authorization.ts';
import type { Callers } from '../../authn/callers.ts';
import { equalInConstantTime, sha256Hex } from '../../authn/constant-time.ts';
import { BitgateError } from '../../core/terms/problem.ts';

/**
 * @param header the value of `authorization`
 * @param metricsToken null: there is none
 */
export async function isOperator(header: string | null, callers: Callers, metricsToken: string | null): Promise<boolean> {
  try {
    if (metricsToken !== null && equalInConstantTime(await sha256Hex(tokenOf(header)), await sha256Hex(metricsToken))) return true;
    const claim = await callers.claim(header);
    return claim.root;
  } catch (error) {
    if (error instanceof BitgateError && error.status === 401) return false;
    throw error;
  }
}

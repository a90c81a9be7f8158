/** What each kind of request costs, in units: one unit is one plain decision. Every price is here; faces name them. */

export const COSTS = {
  /** of whatever a proved caller sends: a plain check is nothing more */
  request: 1,
  /** each further decision of the same request: items of a batch, actions of `any_of` and `all_of` */
  decision: 1,
  /** each action that is explained */
  explanation: 10,
  /** a page of a list, of scopes or of a search: it looks at thousands of candidates */
  page: 200,
  /** a bitmap document: thousands of decisions, and a signature */
  bitmap: 200,
  /** a row or a page of rows, from the database */
  adminRead: 5,
  /** a transaction, and a publish */
  adminWrite: 50,
  /** what reads or writes an organization as a whole */
  adminWhole: 500,
  /**
   * each request that a proxy asks about, for the end user who sent it: a twentieth of what the proxy may ask, so that one of them alone
   * doesn't use up what all of them share
   */
  endUser: 20,
} as const;

/** Operations that read or write an organization as a whole, by the last words of their paths. */
const WHOLE = /\/(?:manifest|manifest\/import|recompile|preset\/upgrade|rollback|revisions\/diff|audit\/verify|batch|import|export)$/;

/**
 * @param path of the operation, its parameters as `:name`
 * @param url of the request: a preview publishes into memory and compares who may do what
 */
export function adminCost(method: string, path: string, url: string): number {
  if (WHOLE.test(path) || new URL(url).searchParams.get('dry_run') === 'true') return COSTS.adminWhole;
  return method === 'GET' ? COSTS.adminRead : COSTS.adminWrite;
}

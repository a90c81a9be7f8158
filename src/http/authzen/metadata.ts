/** Where a PDP is found and what it offers (§9): of the origin that was asked, without a look into any organization. */
import { identifierOf } from '../common/identifier.ts';
import type { Signer } from '../common/signing.ts';

/** The same for every organization, there or not; an hour is what discovery may lag behind. */
export const METADATA_CACHE = 'public, max-age=3600';
/** A key that was rotated has to be known before what it signs is refused. */
export const JWKS_CACHE = 'public, max-age=300';

const TYPE = 'authzen-configuration+jwt';

const ENDPOINTS = {
  access_evaluation_endpoint: '/access/v1/evaluation',
  access_evaluations_endpoint: '/access/v1/evaluations',
  search_subject_endpoint: '/access/v1/search/subject',
  search_resource_endpoint: '/access/v1/search/resource',
  search_action_endpoint: '/access/v1/search/action',
} as const;

/** @param organization null: that of the caller's key */
export async function metadataOf(url: string, organization: string | null, signer: Signer): Promise<object> {
  const identifier = identifierOf(url, organization);
  const endpoints = Object.entries(ENDPOINTS).map(([name, path]) => [name, identifier + path]);
  const metadata = { policy_decision_point: identifier, ...Object.fromEntries(endpoints) };
  const { keys } = await signer.jwks();
  if (keys.length === 0) return metadata;
  return { ...metadata, signed_metadata: await signer.sign(TYPE, { iss: identifier, ...metadata }) };
}

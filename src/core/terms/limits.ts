/** Every limit in one place. The unit is in the name; the reason is beside the number. */
export const LIMITS = {
  /** an organization's id is a DNS label, so that it can be a hostname part, a KV key part and a token part */
  organizationIdChars: 63,
  /** type and id of a subject or resource together; a KV key (512 bytes) must be able to hold one */
  idUtf8Bytes: 512,
  nameChars: 128,
  /** a leaf refers to roles and policies through 16 bits and keeps one value for "unknown" */
  privileges: 65_535,
  roles: 65_535,
  policies: 65_535,
  groups: 65_535,
  groupDepth: 32,
  ancestorDepth: 32,
  propertiesBytes: 16 * 1024,
  conditionChars: 2_048,
  conditionMacroDepth: 2,
  conditionListItems: 1_000,
  jsonDepth: 32,
  checkBodyBytes: 64 * 1024,
  batchBodyBytes: 8 * 1024 * 1024,
  batchItems: 10_000,
  /** of one `any_of` or `all_of`; in a batch each action counts as a check */
  compositeActions: 100,
  /** grants, principals and scopes that an explanation lists of each; what there is beyond is counted */
  explained: 1_000,
  /** of one what-if: each is looked at in every check that it is asked for */
  assumed: 20,
  /** of one page of a list: what an answer may weigh, 512 bytes each at most */
  listDefault: 1_000,
  listMax: 10_000,
  /** that a bitmap's question may name: an address has some 16 KiB */
  bitmapPrivileges: 1_000,
  bitmapResources: 200,
  /** of a bitmap as JSON: signed it is a third longer, 64 KiB */
  bitmapBytes: 48 * 1024,
  /** of all different rows of a bitmap together: one decision or two each, some 100 ms of CPU time */
  bitmapStates: 65_536,
  /** of an organization's route map: each is compared with those before it when it is written */
  routes: 1_000,
  routeHosts: 32,
  routePathChars: 1_024,
  routeSegments: 32,
  adminBodyBytes: 1024 * 1024,
  manifestBodyBytes: 32 * 1024 * 1024,
  /** of an import: the largest row, and what JSON adds to it */
  importLineBytes: 4 * 1024 * 1024,
  /** in lists and objects of one line: each may be a fault, of some 700 bytes. A resource with all the owners that one write may give has as many */
  importLineValues: 100_000,
  /** one batch() must end within D1's 30 s and the object's 128 MB; larger writes become jobs */
  rowsPerWrite: 50_000,
  /** D1 takes 2,000,000 for a row; the log keeps it as JSON, with the names of its columns */
  rowBytes: 1_900_000,
  /** two secrets open one key for that long at most */
  rotationOverlapMs: 7 * 24 * 3_600_000,
  /** an answer pages through them; what there is beyond is counted */
  accessChanges: 100_000,
  pageDefault: 20,
  pageMax: 1_000,
  /** two hashes each: a call must end within a Worker's CPU time */
  auditRowsPerVerify: 10_000,
} as const;

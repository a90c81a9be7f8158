/** One row of DataHub's privilege lists. `does` is what it lets one do: a sentence without its period. */
export type DataHubPrivilege = readonly [name: string, title: string, does: string];

/** Privileges that no screen of DataHub offers: only its APIs ask for them. Each is name, title, what it lets one do. */
import type { DataHubPrivilege } from './entry.ts';

export const API_ONLY: readonly DataHubPrivilege[] = [
  ['EDIT_ENTITY_OPERATIONS', 'Edit Operations', 'Report that a dataset was written to'],
  ['CREATE_ENTITY_ER_MODEL_RELATIONSHIP', 'Create erModelRelationship', 'Declare how two datasets are joined'],
  ['EDIT_ENTITY_DATA_CONTRACT', 'Edit Data Contract', 'Keep the data contract of an asset'],
  ['GET_TIMELINE_PRIVILEGE', 'Get Timeline API', 'Fetch the history of an asset'],
  ['GET_ENTITY_PRIVILEGE', 'Get Entity + Relationships API', 'Fetch an asset and what it is related to'],
  ['GET_TIMESERIES_ASPECT_PRIVILEGE', 'Get Timeseries Aspect API', 'Fetch measurements of an asset over time'],
  ['GET_COUNTS_PRIVILEGE', 'Get Aspect/Entity Count APIs', 'Fetch how many assets and aspects there are'],
  ['RESTORE_INDICES_PRIVILEGE', 'Restore Indices API', 'Rebuild search and graph indices from the primary store'],
  ['GET_TIMESERIES_INDEX_SIZES_PRIVILEGE', 'Get Timeseries index sizes API', 'Fetch the disk use of time-series indices'],
  ['TRUNCATE_TIMESERIES_INDEX_PRIVILEGE', 'Truncate timeseries aspect index size API', 'Drop old measurements from time-series indices'],
  ['GET_ES_TASK_STATUS_PRIVILEGE', 'Get ES task status API', 'Follow background tasks of the search cluster'],
  ['ES_EXPLAIN_QUERY_PRIVILEGE', 'Explain ElasticSearch Query API', 'See how the search cluster scores a query'],
  ['SEARCH_PRIVILEGE', 'Search API', 'Search the catalog by API'],
  ['SET_WRITEABLE_PRIVILEGE', 'Enable/Disable Writeability API', 'Put the catalog into read-only mode and back'],
  ['APPLY_RETENTION_PRIVILEGE', 'Apply Retention API', 'Discard old versions of aspects now'],
  ['PRODUCE_PLATFORM_EVENT_PRIVILEGE', 'Produce Platform Event API', 'Emit platform events'],
];

/** What there is in the demo organization: domains, containers of a warehouse, and the assets that lie in both. */
import type { ManifestResource } from '../manifest.ts';

export const demoResources: ManifestResource[] = [
  { type: 'domain', id: 'finance', properties: { name: 'Finance' } },
  { type: 'domain', id: 'finance-reporting', parents: ['domain:finance'], properties: { name: 'Financial Reporting' } },
  { type: 'domain', id: 'marketing', properties: { name: 'Marketing' } },
  { type: 'domain', id: 'people', properties: { name: 'People' } },
  { type: 'container', id: 'warehouse', properties: { platform: 'snowflake' } },
  { type: 'container', id: 'warehouse.finance', parents: ['container:warehouse'] },
  { type: 'container', id: 'warehouse.marketing', parents: ['container:warehouse'] },
  { type: 'container', id: 'warehouse.people', parents: ['container:warehouse'] },
  {
    type: 'dataset',
    id: 'general-ledger',
    parents: ['domain:finance', 'container:warehouse.finance'],
    owners: [{ subject: 'user:erin', kind: 'TECHNICAL_OWNER' }],
    properties: { lifecycle: 'live' },
  },
  {
    type: 'dataset',
    id: 'quarterly-revenue',
    parents: ['domain:finance-reporting', 'container:warehouse.finance'],
    owners: [{ subject: 'group:finance-controllers', kind: 'BUSINESS_OWNER' }],
    properties: { lifecycle: 'live' },
  },
  {
    type: 'dataset',
    id: 'campaign-clicks',
    parents: ['domain:marketing', 'container:warehouse.marketing'],
    properties: { lifecycle: 'live' },
  },
  {
    type: 'dataset',
    id: 'newsletter-2019',
    parents: ['domain:marketing', 'container:warehouse.marketing'],
    properties: { lifecycle: 'archived' },
  },
  {
    type: 'dataset',
    id: 'payroll',
    parents: ['domain:people', 'container:warehouse.people'],
    access: 'restricted',
    owners: [
      { subject: 'user:heidi', kind: 'TECHNICAL_OWNER' },
      { subject: 'user:olivia', kind: 'DATA_STEWARD' },
    ],
    properties: { lifecycle: 'live' },
  },
  { type: 'dashboard', id: 'revenue-board', parents: ['domain:finance-reporting'], properties: { tool: 'looker' } },
  { type: 'dataHubIngestionSource', id: 'warehouse-nightly', properties: { schedule: '0 2 * * *' } },
];

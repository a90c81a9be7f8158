/** Who is in the demo organization. */
import type { ManifestGroup, ManifestSubject } from '../manifest.ts';

function user(id: string, name: string, title: string): ManifestSubject {
  return { type: 'user', id, status: 'active', properties: { name, title } };
}

export const demoSubjects: ManifestSubject[] = [
  user('olivia', 'Olivia Okafor', 'Head of Data'),
  user('alice', 'Alice Andersson', 'Data Platform Lead'),
  user('bob', 'Bob Brandt', 'Data Curator'),
  user('carol', 'Carol Castillo', 'Product Analyst'),
  user('dave', 'Dave Dubois', 'Financial Analyst'),
  user('erin', 'Erin Eriksen', 'Data Engineer'),
  user('frank', 'Frank Fischer', 'Financial Controller'),
  user('grace', 'Grace Guo', 'Marketing Analyst'),
  user('heidi', 'Heidi Haddad', 'People Analyst'),
  user('ivan', 'Ivan Ivanov', 'Contractor'),
  { ...user('judy', 'Judy Jensen', 'Data Curator, on leave'), status: 'suspended' },
  user('kim', 'Kim Kowalski', 'Intern'),
  { type: 'service', id: 'ingestion-runner', status: 'active', properties: { name: 'Nightly ingestion' } },
];

export const demoGroups: ManifestGroup[] = [
  { name: 'finance', description: 'Everybody in finance.', members: ['user:dave', 'group:finance-controllers'] },
  { name: 'finance-controllers', description: 'Controllers, a part of finance.', members: ['user:frank'] },
  { name: 'marketing', description: 'Everybody in marketing.', members: ['user:grace'] },
  { name: 'people-team', description: 'Those who may see pay.', members: ['user:heidi'] },
  { name: 'data-engineering', description: 'Those who build pipelines.', members: ['user:erin'] },
  { name: 'contractors', description: 'People from outside.', members: ['user:ivan'] },
];

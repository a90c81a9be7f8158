/** The wire form of projects: the vocabulary of the manifest. */

import * as z from 'zod';
import type { Json, JsonObject } from '../../core/terms/json.ts';
import { lazy } from '../../core/terms/lazy.ts';
import { projectSchema as manifestProject } from '../../pap/manifest/schema.ts';
import type { ListedProject, StoredProject } from '../../pap/projects/ports.ts';
import { described } from './route.ts';
import { pageQuery } from './wire.ts';

/** Its policies and roles are administered under it. */
export const projectSchema = lazy(() => manifestProject.omit({ policies: true, roles: true }));
export const projectReplacementSchema = lazy(() => projectSchema.omit({ id: true }));
export const projectChangeSchema = lazy(() => projectReplacementSchema.partial());

export const projectFilter = lazy(() => z.strictObject({ ...pageQuery, q: z.string().max(200).optional() }));

export const projectShape = described(() =>
  z.strictObject({
    id: z.string(),
    nickname: z.string(),
    parents: z.array(z.string()),
    access: z.string(),
    owners: z.array(z.strictObject({ subject: z.string(), kind: z.string().optional() })),
    properties: z.record(z.string(), z.unknown()),
  }),
);

export const listedProjectShape = described(() => projectShape.extend({ policies: z.int(), roles: z.int() }));

/** What its `ETag` is made of. */
export function projectBody({ row, resource, parents, owners }: StoredProject): z.output<typeof projectShape> {
  return {
    id: row.id,
    nickname: row.nickname,
    parents: [...parents],
    access: resource.access,
    owners: owners.map(({ subject, kind }) => (kind === '' ? { subject } : { subject, kind })),
    properties: { ...objectOf(resource.properties) },
  };
}

/** @param project with how many policies and roles are its own */
export function listedProjectBody(project: ListedProject): z.output<typeof listedProjectShape> {
  return { ...projectBody(project), policies: project.policies, roles: project.roles };
}

/** A column typed by hand may hold anything: what can't be read is shown as empty. */
function objectOf(json: string): JsonObject {
  try {
    const value: Json = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}; // no array: an object
  } catch {
    return {};
  }
}

export const projectExample = described(() => ({
  id: 'sleetduke',
  nickname: 'Sleetduke',
  owners: [{ subject: 'user:alice', kind: 'TECHNICAL' }],
}));

export const projectBodyExample = described(() => ({ ...projectExample, parents: [], access: 'inherit', properties: {} }));

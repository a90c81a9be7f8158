/** Projects, datasets and files of a Diffgram dump as resources: files lie below the datasets that hold them, datasets below their project. */
import type { Draft } from '../draft.ts';
import { shown } from '../names.ts';
import type { DiffgramDump } from './schema.ts';

/** Those that Diffgram's API accepts. */
const TYPES: Readonly<Record<string, string>> = { Project: 'project', WorkingDir: 'WorkingDir', File: 'File' };

export class DiffgramPlaces {
  readonly #draft: Draft;
  readonly #projectIds = new Map<string, string>();
  /** resources with a parent */
  readonly #parents = new Map<string, string[]>();

  constructor({ projects, datasets, files }: DiffgramDump, draft: Draft) {
    this.#draft = draft;
    for (const { id, project_string_id: text, name } of projects) {
      this.#projectIds.set(id, text ?? id);
      const project = draft.project(text ?? id);
      if (name !== undefined) project.nickname = name;
    }
    for (const { id, project_id: project, access_type: access } of datasets) {
      const resource = draft.resource('WorkingDir', id);
      resource.access = access === 'restricted' ? 'restricted' : 'inherit';
      if (project !== undefined) this.#put('WorkingDir', id, `project:${this.project(project)}`);
    }
    for (const { id, project_id: project, dataset_ids: holders } of files) {
      draft.resource('File', id);
      for (const holder of holders) this.#put('File', id, `WorkingDir:${holder}`);
      if (holders.length === 0 && project !== undefined) this.#put('File', id, `project:${this.project(project)}`);
    }
  }

  /** By number or by text, as our project is called. */
  project(id: string): string {
    const text = this.#projectIds.get(id) ?? id;
    this.#draft.project(text);
    return text;
  }

  /** Null, and told, for an object type that Diffgram refuses too. */
  scope(type: string, id: string, path: string): string | null {
    const own = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
    if (own === undefined) {
      this.#draft.report.tell('unknown_object_type', path, `\`${shown(type)}\` is none of Project, WorkingDir and File: left out`);
      return null;
    }
    return own === 'project' ? `project:${this.project(id)}` : `${own}:${id}`;
  }

  /** A project's own role can be given there and below: a dataset or file of which nothing is known is put there. */
  liesWithin(scope: string, project: string): boolean {
    const top = `project:${project}`;
    const seen = new Set([scope]);
    for (const resource of seen) {
      if (resource === top) return true;
      for (const parent of this.#parents.get(resource) ?? []) seen.add(parent);
    }
    const known = this.#parents.has(scope) || scope.startsWith('project:');
    if (known) return false;
    const colon = scope.indexOf(':');
    this.#put(scope.slice(0, colon), scope.slice(colon + 1), top);
    return true;
  }

  #put(type: string, id: string, parent: string): void {
    this.#draft.resource(type, id).parents.push(parent);
    const key = `${type}:${id}`;
    this.#parents.set(key, [...(this.#parents.get(key) ?? []), parent]);
  }
}

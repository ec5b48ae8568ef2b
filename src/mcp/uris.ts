import { z } from 'zod';

export const RESOURCE_KINDS = ['session', 'turn', 'project'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];
export type ResourceAddress = { kind: ResourceKind; id: string; cursor: string | undefined };

const addressSchema = z.object({ kind: z.enum(RESOURCE_KINDS), id: z.uuid() });
const ADDRESS = /^turnkeep:\/\/([a-z]+)\/([^/?#]+)(?:\?cursor=([^&#]+))?$/;

/** The address of a resource; `cursor` is where a later page of it begins. */
export function resourceUri(kind: ResourceKind, id: string, cursor?: string): string {
  const page = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  return `turnkeep://${kind}/${id}${page}`;
}

/** What an address names, or undefined for one that is not of this form. */
export function readResourceUri(uri: string): ResourceAddress | undefined {
  const [, kind, id, cursor] = ADDRESS.exec(uri) ?? [];
  const parsed = addressSchema.safeParse({ kind, id });
  if (!parsed.success) return undefined;
  try {
    return { ...parsed.data, cursor: cursor && decodeURIComponent(cursor) };
  } catch {
    return undefined;
  }
}

/** The template that a client fills in, without and with the page. */
export function resourceTemplateUri(kind: ResourceKind): string {
  return `turnkeep://${kind}/{id}`;
}

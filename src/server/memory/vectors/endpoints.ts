import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallContext } from '../../../contracts/context.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { MAX_METADATA_BYTES } from '../../../contracts/limits.ts';
import type { vectorEndpoints } from '../../../contracts/vectorEndpoints.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import type { EndpointHandlers } from '../../platform/http/endpoint.ts';
import {
  DEFAULT_PROJECT,
  ensureProject,
  findKnownProject,
  findProject,
} from '../../projects/service.ts';
import { protect, protectJson } from '../../redaction/service.ts';
import { embed, TEXT_MODEL } from './embed.ts';
import { type Quantised, quantise, toBase64 } from './quantise.ts';
import { VectorSearch } from './search.ts';
import { type Kind, listSpaces, type NewVector, readFound, remove, upsert } from './store.ts';

const DEFAULT_NAMESPACE = 'default';
const DEFAULT_LIMIT = 10;

type Given = { vector?: number[] | undefined; text?: string | undefined };

function wrong(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}

/** The vector that is given, or that of the text; `model` is what made it. `at` is where they stand. */
async function directionOf(
  { vector, text }: Given,
  at = '',
): Promise<{ quantised: Quantised; model: string | null }> {
  if (vector === undefined && text === undefined) {
    throw wrong(at === '' ? 'vector' : at.slice(0, -1), 'Give `vector` or `text`.');
  }
  const made = vector ?? (text === undefined ? null : await embed(text));
  if (made === null) throw wrong(`${at}text`, 'No word in the text tells something.');
  const quantised = quantise(made);
  if (quantised) return { quantised, model: vector === undefined ? TEXT_MODEL : null };
  throw wrong(`${at}vector`, 'A vector of zeros has no direction.');
}

type Item = Given & { id: string; metadata?: Record<string, unknown> | undefined };

/** Items as they are stored, and their one kind. */
async function vectorsOf(items: readonly Item[]): Promise<{ kind: Kind; vectors: NewVector[] }> {
  const kinds: Kind[] = [];
  const vectors: NewVector[] = [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const path = `items.${index}`;
    // A thousand long texts take seconds: others have their turn in between.
    if (item.text !== undefined) await nextTurn();
    if (seen.has(item.id)) throw wrong(`${path}.id`, `"${item.id}" comes twice.`);
    seen.add(item.id);
    const content = item.text === undefined ? null : protect(item.text).text;
    const { quantised, model } = await directionOf(
      { ...item, text: content ?? undefined },
      `${path}.`,
    );
    const metadata = JSON.stringify(protectJson(item.metadata ?? {}).value);
    if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) {
      throw wrong(`${path}.metadata`, `More than ${MAX_METADATA_BYTES / 1024} KiB of JSON.`);
    }
    kinds.push({ dims: quantised.bytes.length, model });
    vectors.push({ id: item.id, vector: toBase64(quantised.bytes), content, metadata });
  }
  const [kind = { dims: 0, model: null }] = kinds;
  const other = kinds.findIndex(({ dims, model }) => dims !== kind.dims || model !== kind.model);
  if (other >= 0) throw wrong(`items.${other}`, 'The items are not all of one length and kind.');
  return { kind, vectors };
}

/** The endpoints of `/api/v1/db/vectors`. */
export function vectorHandlers(
  database: Database,
): Pick<EndpointHandlers, keyof typeof vectorEndpoints> {
  const search = new VectorSearch(database);
  /** Null for the caller's project when nothing is stored of it. */
  const projectOf = async (named: string | undefined, context: CallContext) => {
    const known =
      named === undefined
        ? await findKnownProject(database, context.project ?? DEFAULT_PROJECT)
        : await findProject(database, named);
    return known?.project_id ?? null;
  };
  return {
    async listVectorNamespaces({ project }, call) {
      const projectId = await projectOf(project, call.context);
      return { namespaces: projectId === null ? [] : await listSpaces(database, projectId) };
    },
    async upsertVectors({ namespace = DEFAULT_NAMESPACE, project, items }, call) {
      const named = project === undefined ? null : await projectOf(project, call.context);
      const { kind, vectors } = await vectorsOf(items);
      const spaceIn = async (tx: WriteTransaction, now: string) => {
        const ref = call.context.project ?? DEFAULT_PROJECT;
        return { projectId: named ?? (await ensureProject(tx, ref, now)), namespace };
      };
      return { namespace, ...kind, ...(await upsert(database, spaceIn, kind, vectors)) };
    },
    async searchVectors({ namespace = DEFAULT_NAMESPACE, project, ...asked }, call) {
      const began = performance.now();
      const took_ms = () => Math.round((performance.now() - began) * 10) / 10;
      if (asked.vector !== undefined && asked.text !== undefined) {
        throw wrong('text', 'Give either `vector` or `text`.');
      }
      const { quantised, model } = await directionOf(asked);
      const projectId = await projectOf(project, call.context);
      if (projectId === null) return { items: [], compared: 0, took_ms: took_ms() };
      const { found, compared } = await search.nearest({ projectId, namespace }, quantised, model, {
        limit: asked.limit ?? DEFAULT_LIMIT,
        minScore: asked.min_score ?? -1,
        filter: Object.entries(asked.filter ?? {}),
      });
      const rows = await readFound(
        database,
        found.map(({ rowId }) => rowId),
      );
      const byId = new Map(rows.map((row) => [row.row_id, row]));
      const items = found.flatMap(({ rowId, score }) => {
        const row = byId.get(rowId);
        if (!row) return [];
        const { row_id: _row, content, ...rest } = row;
        return { ...rest, text: content, score: Math.round(score * 10_000) / 10_000 };
      });
      return { items, compared, took_ms: took_ms() };
    },
    async deleteVectorNamespace({ namespace, project }, call) {
      const projectId = await projectOf(project, call.context);
      if (projectId === null) return { deleted: 0 };
      return { deleted: await remove(database, { projectId, namespace }) };
    },
    async deleteVector({ namespace, id, project }, call) {
      const projectId = await projectOf(project, call.context);
      if (projectId === null) return { deleted: 0 };
      return { deleted: await remove(database, { projectId, namespace }, id) };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { quantise, toBase64 } from '../../src/server/memory/vectors/quantise.ts';
import { VectorSearch } from '../../src/server/memory/vectors/search.ts';
import { remove, type Space, upsert } from '../../src/server/memory/vectors/store.ts';
import { engines, newPlace, openEmpty } from './support.ts';

const vector = (...numbers: number[]) =>
  toBase64((quantise(numbers) ?? { bytes: new Int8Array() }).bytes);
const item = (id: string, ...numbers: number[]) => ({
  ...{ id, vector: vector(...numbers), content: null, metadata: JSON.stringify({ id }) },
});

test.each(engines)(
  'vectors are searched as they are stored now, whoever stored them: %s',
  async (engine) => {
    const { db, end } = await openEmpty(engine);
    try {
      const { project_id: projectId } = await newPlace(db);
      const space: Space = { projectId, namespace: 'a' };
      const spaceIn = async () => space;
      const kind = { dims: 2, model: null };
      const search = new VectorSearch(db);
      const asked = quantise([1, 0]);
      if (!asked) throw new Error('no direction');
      const rows = async () => {
        const options = { limit: 10, minScore: -1, filter: [] };
        const { found } = await search.nearest(space, asked, null, options);
        const ids = await db.read.selectFrom('memory_vectors').select(['row_id', 'id']).execute();
        return found.map(({ rowId }) => ids.find(({ row_id }) => row_id === rowId)?.id);
      };
      expect(await rows()).toEqual([]);
      const first = [item('x', 1, 0), item('y', 0, 1)];
      expect(await upsert(db, spaceIn, kind, first)).toEqual({ created: 2, updated: 0 });
      expect(await rows()).toEqual(['x', 'y']);
      await upsert(db, spaceIn, kind, [item('x', -1, 0)]);
      expect(await rows()).toEqual(['y', 'x']);
      // Past this door: another server, a restore, or a person with SQL.
      const at = new Date().toISOString();
      await db.write(async (tx) => {
        await tx.insert('memory_vectors', [
          {
            ...item('z', 1, 0.1),
            ...{
              row_id: randomUUID(),
              project_id: projectId,
              namespace: 'a',
              dims: 2,
              model: null,
            },
            ...{ created_at: at, updated_at: at },
          },
        ]);
      });
      expect(await rows()).toEqual(['z', 'y', 'x']);
      expect(await remove(db, space, 'y')).toBe(1);
      expect(await rows()).toEqual(['z', 'x']);
      await expect(
        upsert(db, spaceIn, { dims: 3, model: null }, [item('w', 1, 0, 0)]),
      ).rejects.toThrow('given vectors of 2 numbers');
      // Those that are all replaced may be of another kind.
      const all = [item('x', 1, 0, 0), item('z', 0, 1, 0)];
      expect(await upsert(db, spaceIn, { dims: 3, model: null }, all)).toMatchObject({
        updated: 2,
      });
      expect(await remove(db, space)).toBe(2);
      expect(await rows()).toEqual([]);
    } finally {
      await end();
    }
  },
);

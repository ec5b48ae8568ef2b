import type { Database } from '../database/database.ts';

/** The same database; `told` is called after each write that is made through it. */
export function tellingWrites(database: Database, told: () => void): Database {
  const write: Database['write'] = (work) => database.write(work).finally(told);
  return new Proxy(database, {
    get(target, name) {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

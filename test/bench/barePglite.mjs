// Opens a data folder with PGlite and nothing else, says so, and closes it again.
import { PGlite } from '@electric-sql/pglite';

const database = await PGlite.create(process.argv[2]);
await database.query('select count(*) from conversation_sessions');
console.log('open');
await database.close();

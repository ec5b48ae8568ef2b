import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addModelsActivate, addModelsDeactivate } from './models/activate.ts';
import { addModelsAdd } from './models/add.ts';
import { addModelsAlias } from './models/alias.ts';
import { addModelsConnect } from './models/connect.ts';
import { addModelsConnections } from './models/connections.ts';
import { addModelsDiscover } from './models/discover.ts';
import { addModelsExport } from './models/export.ts';
import { addModelsImport } from './models/import.ts';
import { addModelsList } from './models/list.ts';
import { addModelsShow } from './models/show.ts';

export function addModels(program: Command): void {
  const models = asThrower(
    program.command('models').summary('the models in use: registry, connections, performance'),
  );
  models.description(
    'The models that your conversations name, that you register, and that providers offer.',
  );
  addModelsList(models);
  addModelsShow(models);
  addModelsAdd(models);
  addModelsAlias(models);
  addModelsActivate(models);
  addModelsDeactivate(models);
  addModelsConnections(models);
  addModelsConnect(models);
  addModelsDiscover(models);
  addModelsExport(models);
  addModelsImport(models);
}

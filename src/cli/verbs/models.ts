import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addModelsActivate, addModelsDeactivate } from './models/activate.ts';
import { addModelsAdd } from './models/add.ts';
import { addModelsAlias } from './models/alias.ts';
import { addModelsChange } from './models/change.ts';
import { addModelsCheck } from './models/check.ts';
import { addModelsConnect } from './models/connect.ts';
import { addModelsConnections } from './models/connections.ts';
import { addModelsDiscover } from './models/discover.ts';
import { addModelsExport } from './models/export.ts';
import { addModelsImport } from './models/import.ts';
import { addModelsList } from './models/list.ts';
import { addModelsPerformance } from './models/performance.ts';
import { addModelsRecommendations } from './models/recommendations.ts';
import { addModelsRules } from './models/rules.ts';
import { addModelsShow } from './models/show.ts';
import { addModelsTest } from './models/test.ts';
import { addModelsThreshold } from './models/threshold.ts';

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
  addModelsChange(models);
  addModelsAlias(models);
  addModelsActivate(models);
  addModelsDeactivate(models);
  addModelsPerformance(models);
  addModelsCheck(models);
  addModelsThreshold(models);
  addModelsRecommendations(models);
  addModelsRules(models);
  addModelsConnections(models);
  addModelsConnect(models);
  addModelsDiscover(models);
  addModelsExport(models);
  addModelsImport(models);
  addModelsTest(models);
}

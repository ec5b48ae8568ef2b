import type { modelEndpoints } from '../../contracts/modelEndpoints.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import { deleteAlias, listAliases, setAlias } from './aliases.ts';
import { deleteConnection } from './connections/store.ts';
import { historyOf } from './events.ts';
import { exportModels, importModels } from './exchange.ts';
import { modelByName, notFound } from './finding.ts';
import { lineageOf, versionsOf } from './lineage.ts';
import type { Models } from './service.ts';

/** The endpoints of the registry, its aliases and connections: `/api/v1/models`. */
export function modelHandlers(models: Models): Pick<EndpointHandlers, keyof typeof modelEndpoints> {
  const { database } = models;
  const { read } = database;
  return {
    listModels: (input) => models.list(input),
    async registerModel(input, call) {
      const { model, isNew } = await models.register(input);
      if (isNew) call.answerWith(201);
      return model;
    },
    async getModelByName(input) {
      await models.takeInNames();
      const inactive = input.version !== undefined;
      const found = await modelByName(read, { ...input, inactive });
      if (!found) throw await notFound(read, input.name);
      return found;
    },
    getModel: ({ model_id }) => models.resolve(model_id, { inactive: true }),
    updateModel: ({ model_id, ...patch }) => models.update(model_id, patch),
    activateModel: ({ model_id, reason }) => models.setActive(model_id, true, reason),
    deactivateModel: ({ model_id, reason }) => models.setActive(model_id, false, reason),
    async listModelVersions({ model_id }) {
      return { models: await versionsOf(read, model_id) };
    },
    getModelLineage: ({ model_id }) => lineageOf(read, model_id),
    async listModelHistory({ model_id, ...filter }) {
      const model = await models.resolve(model_id, { inactive: true });
      return historyOf(database, model.model_id, filter);
    },
    async listModelAliases() {
      return { aliases: await listAliases(database) };
    },
    async setModelAlias({ alias, model }, call) {
      const { set, isNew } = await setAlias(database, alias, model);
      if (isNew) call.answerWith(201);
      return set;
    },
    async deleteModelAlias({ alias }) {
      return { deleted: await deleteAlias(database, alias) };
    },
    async listModelConnections() {
      return { connections: await models.connections() };
    },
    getModelConnection: ({ connection_id }) => models.connection(connection_id),
    async putModelConnection(input, call) {
      const { connection, isNew } = await models.connect(input);
      if (isNew) call.answerWith(201);
      return connection;
    },
    async deleteModelConnection({ connection_id }) {
      return { deleted: await deleteConnection(database, connection_id) };
    },
    async discoverModels({ connection_id }, call) {
      return { connections: await models.discover(connection_id, call.signal) };
    },
    exportModels: () => exportModels(database),
    importModels: (file) => importModels(database, file),
  };
}

import type { App } from './app.ts';
import type { DraftEditor } from './drafts/draftEditor.ts';
import type { McpRegistrations } from './hosts/registrations.ts';
import type { Models } from './models/modelHandlers.ts';
import type { Views } from './views/views.ts';

/** What `activate` returns to tests that run inside the extension host; to nobody else. */
export type TestApi = {
  app: App;
  drafts: DraftEditor;
  mcp: McpRegistrations;
  views: Views;
  models: Models;
};

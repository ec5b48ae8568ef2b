import type { App } from '../app.ts';
import { openPreview, STATISTICS_URI } from '../pages/documents.ts';

/** Shows the statistics page. */
export function showStatistics(app: App) {
  return async () => {
    // The page is read when it opens; asking first gives a failure a message instead of a page.
    const statistics = await app.server.call('get_conversation_stats', {});
    app.documents.refresh();
    await openPreview(STATISTICS_URI);
    return statistics;
  };
}

/** Closes the session of this window and project; the next capture begins a new one. */
export function closeSession(app: App) {
  return async () => {
    const closed = await app.server.call('close_session', {});
    app.captures.touched();
    app.messages.done(`Turnkeep: ${closed.message}`);
    return closed;
  };
}

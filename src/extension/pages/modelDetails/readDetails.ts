import type { ServerLink } from '../../server.ts';
import { detailsPage } from './details.ts';
import type { DetailsPage, Range } from './message.ts';
import { spansOf } from './plots.ts';

/** Reads all that the details page shows of a model, by id, alias or name. */
export async function readDetails(
  server: ServerLink,
  model_id: string,
  range: Range,
): Promise<DetailsPage> {
  const spans = spansOf(range);
  const { step } = spans;
  const [since = ''] = spans.starts;
  const [model, card, check, series, advice] = await Promise.all([
    server.request('getModel', { model_id }),
    server.request('getModelPerformance', { model_id, since }),
    server.request('checkModelPerformance', { model_id }),
    server.request('getModelPerformanceSeries', { model_id, since, step }),
    server.request('listModelRecommendations', { model: model_id }),
  ]);
  const { points, thresholds } = series;
  const { recommendations } = advice;
  return detailsPage({ model, card, check, recommendations, points, thresholds, range, spans });
}

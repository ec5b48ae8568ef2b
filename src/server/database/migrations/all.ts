import type { Migration } from 'kysely/migration';
import { conversations } from './0001_conversations.ts';
import { memoryIndex } from './0002_memory_index.ts';
import { memoryInsights } from './0003_memory_insights.ts';
import { capture } from './0004_capture.ts';
import { memoryPostings } from './0005_memory_postings.ts';
import { platform } from './0006_platform.ts';
import { evaluation } from './0007_evaluation.ts';
import { vectors } from './0008_vectors.ts';
import { models } from './0009_models.ts';
import { integrations } from './0010_integrations.ts';
import { embeddings } from './0011_embeddings.ts';

/** Every migration by its name; names sort in the order in which they are applied. */
export const migrations: Record<string, Migration> = {
  '0001_conversations': conversations,
  '0002_memory_index': memoryIndex,
  '0003_memory_insights': memoryInsights,
  '0004_capture': capture,
  '0005_memory_postings': memoryPostings,
  '0006_platform': platform,
  '0007_evaluation': evaluation,
  '0008_vectors': vectors,
  '0009_models': models,
  '0010_integrations': integrations,
  '0011_embeddings': embeddings,
};

import { type MemorySystem, memorySystemSchema } from '../contracts/memory.ts';

/** What rehydration asks when nothing else is said: every memory system. */
export const ALL_SYSTEMS: MemorySystem[] = [...memorySystemSchema.options];

import { Ajv2020 } from 'ajv/dist/2020.js';
import { Agent, fetch, Response } from 'undici';

/**
 * What sends, and what checks schemas before it: a file of its own beside the server, which most
 * servers never load.
 */
export const outbound = { Agent, Ajv2020, Response, fetch };

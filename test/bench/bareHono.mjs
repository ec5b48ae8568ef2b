// The server that test/bench/api.mjs measures ours beside: hono and zod, one route, no more.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';

const params = z.strictObject({ name: z.string().regex(/^[a-z][a-z_]{0,63}$/) });
const query = z.strictObject({
  step_seconds: z.coerce.number().int().min(1).max(86_400).optional(),
});
const points = [];

const app = new Hono();
app.get('/api/v1/db/metrics/:name', (c) => {
  const path = params.safeParse(c.req.param());
  const asked = query.safeParse(c.req.query());
  if (!path.success || !asked.success) return c.json({ success: false }, 400);
  return c.json({
    success: true,
    data: { name: path.data.name, unit: '1/s', points },
    error: null,
    timestamp: new Date().toISOString(),
    request_id: crypto.randomUUID(),
  });
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});

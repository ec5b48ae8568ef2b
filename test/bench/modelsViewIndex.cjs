// Runs inside the extension host: fills the registry, then reads the Models view as the editor does.
const vscode = require('vscode');

const MODELS = 500;
const PROVIDERS = 20;
const RUNS = 15;

const registry = {
  format_version: 1,
  aliases: Array.from({ length: 50 }, (_none, index) => ({
    alias: `alias-${index}`,
    model_id: `model-${index}`,
  })),
  connections: [],
  models: Array.from({ length: MODELS }, (_none, index) => ({
    model_id: `model-${index}`,
    model_name: `model-${index}`,
    provider: `provider-${index % PROVIDERS}`,
    tags: ['of-the-bench'],
  })),
};
const calls = registry.models.flatMap(({ model_id }, index) =>
  [0, 1, 2].map((day) => ({
    model_id,
    at: new Date(Date.now() - day * 86_400_000 - index * 1000).toISOString(),
    ...{ origin: 'editor', operation: 'chat', duration_ms: 400 + index + day * 50 },
    ...{ input_tokens: 100, output_tokens: 100 },
  })),
);

/** All that the editor asks for to draw every row. */
async function draw(tree) {
  tree.refresh();
  let rows = 0;
  for (const node of await tree.getChildren()) {
    tree.getTreeItem(node);
    for (const child of await tree.getChildren(node)) {
      tree.getTreeItem(child);
      rows += 1;
    }
  }
  return rows;
}

exports.run = async () => {
  const { app, views } = await vscode.extensions.getExtension('turnkeep.turnkeep').activate();
  await app.server.request('importModels', registry);
  await app.server.request('recordModelCalls', { calls });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const times = [];
  for (let run = 0; run < RUNS; run += 1) {
    const began = performance.now();
    const rows = await draw(views.models);
    times.push(performance.now() - began);
    if (rows !== MODELS) throw new Error(`the view has ${rows} models`);
  }
  const sorted = times.slice(3).sort((one, other) => one - other);
  const [least, p50, p95] = [0, 0.5, 0.95].map(
    (share) => sorted[Math.floor(sorted.length * share)],
  );
  const figures = [least, p50, p95].map((time) => time.toFixed(1));
  console.log(`models view: ${figures.join(' ')} ms`);
};

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const MODELS = ['small-coder', 'large-coder', 'broken-coder'];
const ANSWER = 'Hello! A mutex lets one thread at a time into a part of a program.';
const WORD_MS = 15;

/**
 * A server that speaks the API of OpenAI, with three models: two answer word by word, one breaks off
 * in the middle. It wants the key, when one is given.
 * @param {{key?: string}} [options]
 * @returns {Promise<{url: string, asked: object[], stop: () => Promise<void>}>} `asked` are the bodies
 */
export async function startLocalModels({ key } = {}) {
  const asked = [];
  const server = createServer((request, response) => {
    answer(request, response, { key, asked }).catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/v1`;
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url, asked, stop };
}

async function answer(request, response, { key, asked }) {
  if (key && request.headers.authorization !== `Bearer ${key}`) {
    return json(response, 401, { error: { message: 'Wrong key.', type: 'invalid_request_error' } });
  }
  if (request.url === '/v1/models') {
    const data = MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'tests' }));
    return json(response, 200, { object: 'list', data });
  }
  if (request.url !== '/v1/chat/completions') return json(response, 404, { error: {} });
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  asked.push(body);
  const words = ANSWER.match(/\S+\s*/g);
  const usage = { prompt_tokens: 12, completion_tokens: words.length, total_tokens: 0 };
  if (!body.stream) {
    const message = { role: 'assistant', content: ANSWER };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return json(response, 200, { ...head(body), object: 'chat.completion', choices, usage });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choices, more = {}) => {
    const chunk = { ...head(body), object: 'chat.completion.chunk', choices, ...more };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  for (const [index, word] of words.entries()) {
    if (index === 3 && body.model === 'broken-coder') return response.destroy();
    const delta = { role: 'assistant', content: word };
    send([{ index: 0, delta, finish_reason: null }]);
    await sleep(WORD_MS);
  }
  send([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  send([], { usage });
  response.end('data: [DONE]\n\n');
}

const head = ({ model }) => ({ id: 'chatcmpl-1', created: 1_790_000_000, model });

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

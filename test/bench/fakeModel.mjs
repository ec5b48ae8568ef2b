// A provider that answers at once, in a process of its own: prints its address.
import { createServer } from 'node:http';

const chunk = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'c', created: 1, model: 'fake', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const usage = { prompt_tokens: 9, completion_tokens: 3 };
const whole = JSON.stringify({
  ...{ id: 'c', created: 1, model: 'fake', usage },
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' },
  ],
});

const server = createServer(async (request, response) => {
  let text = '';
  for await (const part of request) text += part;
  if (!text.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(whole);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ content: 'Hello ' }));
  response.write(chunk({ content: 'there.' }));
  response.end(
    `${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'c', created: 1, choices: [], usage })}\n\ndata: [DONE]\n\n`,
  );
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

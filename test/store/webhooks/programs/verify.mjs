/*
 * Verifies webhooks as somebody else's program does: it knows the secret, the headers and the bytes,
 * and uses the package `standardwebhooks` as its documentation says. Standard input has a JSON line
 * `{secret, raw, headers}` for each; standard output says `accepted` or why not.
 */
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, raw, headers } = JSON.parse(line);
  try {
    new Webhook(secret).verify(raw, headers);
    console.log('accepted');
  } catch (error) {
    console.log(error.message);
  }
}

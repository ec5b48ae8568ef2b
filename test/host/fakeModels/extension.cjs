// A provider of chat models, as extensions such as Copilot's are: one model repeats what it is
// asked, word by word; the other fails in the middle.
const vscode = require('vscode');

const model = (id, name) => ({
  ...{ id, name, family: 'fake', version: '2', maxInputTokens: 8000, maxOutputTokens: 2000 },
  capabilities: {},
});
const MODELS = [model('fake-echo', 'Fake Echo'), model('fake-broken', 'Fake Broken')];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (message) =>
  typeof message === 'string'
    ? message
    : message.content.map((part) => ('value' in part ? String(part.value) : '')).join('');

const provider = {
  provideLanguageModelChatInformation: async () => MODELS,
  provideTokenCount: async (_model, text) => textOf(text).split(/\s+/).filter(Boolean).length,
  async provideLanguageModelChatResponse(asked, messages, _options, progress, token) {
    const words = textOf(messages.at(-1)).match(/\S+\s*/g) ?? [];
    for (const word of words) {
      if (token.isCancellationRequested) throw new vscode.CancellationError();
      progress.report(new vscode.LanguageModelTextPart(word));
      if (asked.id === 'fake-broken') throw new Error('The fake model broke down.');
      await pause(20);
    }
  },
};

exports.activate = (context) => {
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider('fake', provider));
};

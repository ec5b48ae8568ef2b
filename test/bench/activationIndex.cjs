// Runs inside the extension host: waits until the extension is active and prints its marks.
const vscode = require('vscode');

const ID = 'turnkeep.turnkeep';

function between(marks, from, to) {
  const at = (name) => marks.find((mark) => mark.name === `code/extHost/${name}/${ID}`)?.startTime;
  const [begin, end] = [at(from), at(to)];
  if (begin === undefined || end === undefined) throw new Error(`no marks ${from}, ${to} of ${ID}`);
  return end - begin;
}

exports.run = async () => {
  await vscode.extensions.getExtension(ID).activate();
  const marks = globalThis.MonacoPerformanceMarks.getMarks();
  const load = between(marks, 'willLoadExtensionCode', 'didLoadExtensionCode');
  const activate = between(marks, 'willActivateExtension', 'didActivateExtension');
  console.log(`activation: load ${load.toFixed(1)} ms, activate ${activate.toFixed(1)} ms`);
};

/** What lets `/docs` try an operation: it sends the form it is in, and shows what comes back. */
export const script = `
'use strict';
const token = document.getElementById('token');
for (const form of document.querySelectorAll('form[data-path]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const output = form.querySelector('output');
    let path = form.dataset.path;
    const query = new URLSearchParams();
    let body;
    for (const field of form.querySelectorAll('[data-in]')) {
      const { value, name } = field;
      if (field.dataset.in === 'path') path = path.replace('{' + name + '}', encodeURIComponent(value));
      else if (value === '') continue;
      else if (field.dataset.in === 'query') query.set(name, value);
      else body = value;
    }
    const text = query.toString();
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    if (token.value !== '') headers.authorization = 'Bearer ' + token.value.trim();
    output.textContent = 'Asking\\u2026';
    try {
      const answer = await fetch(path + (text === '' ? '' : '?' + text), {
        method: form.dataset.method, headers, body, credentials: 'omit', redirect: 'error',
      });
      const told = await answer.text();
      let shown = told;
      try { shown = JSON.stringify(JSON.parse(told), null, 2); } catch {}
      output.textContent = answer.status + ' ' + answer.statusText + '\\n\\n' + shown;
    } catch (error) {
      output.textContent = String(error);
    }
  });
}
`;

import { createHash } from 'node:crypto';
import type { ServiceApp } from '../../service/http';

/** Where a one-time link leads. The code stands behind `#`, so that it is sent to no server and kept in no log. */
export function oneTimeLink(url: string, code: string): string {
  return `${url}${path}#${code}`;
}

const path = '/password';

const script = `
const form = document.querySelector('form');
const told = document.querySelector('output');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  if (password.value !== again.value) return void (told.textContent = 'The two passwords differ.');
  told.textContent = '';
  const response = await fetch('/api/password', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: location.hash.slice(1), password: password.value }),
  }).catch(() => undefined);
  if (response?.ok) {
    history.replaceState(null, '', location.pathname);
    form.hidden = true;
    told.textContent = 'Your password is set. You can close this page.';
  } else {
    const problem = await response?.json().catch(() => undefined);
    told.textContent = problem?.detail ?? 'The server does not answer. Try again.';
  }
});
`;

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, button { margin: 0.25rem 0 1rem; padding: 0.5rem; }
`;

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Set your password - Whereabouts</title>
<style>${style}</style>
<h1>Set your password</h1>
<form>
  <label for="password">Password, at least 12 characters</label>
  <input id="password" name="password" type="password" autocomplete="new-password" minlength="12" required autofocus>
  <label for="again">Once more</label>
  <input id="again" name="again" type="password" autocomplete="new-password" required>
  <button>Set password</button>
</form>
<output role="status"></output>
<noscript>This page needs JavaScript.</noscript>
<script>${script}</script>
</html>
`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = `default-src 'none'; connect-src 'self'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The page on which whoever has a one-time link sets the password. */
export function addPasswordPage(app: ServiceApp): void {
  app.get(path, { config: { allows: 'anyone' }, schema: { hide: true } }, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': policy, 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
      .send(page),
  );
}

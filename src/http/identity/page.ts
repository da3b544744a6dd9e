import { hash } from 'node:crypto';
import { escaped } from '../../html/escaped.ts';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 10vh auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.4rem; } label { display: block; margin: .8rem 0 .2rem; } ul { padding-left: 1.2rem; }
input { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; }
button { font: inherit; margin: 1rem .5rem 0 0; padding: .5rem 1.2rem; }
[role=alert] { color: #a00; } .quiet { color: #666; font-size: .9rem; overflow-wrap: anywhere; }
`;

/** The headers of a page: it runs no script, is in no frame, and its form leads here and to the given origins only. */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  const digest = hash('sha256', style, 'base64');
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src 'sha256-${digest}'`,
      `form-action 'self' ${formTargets.join(' ')}`.trim(),
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'Referrer-Policy': 'no-referrer',
  };
}

/** What the page of a sign-in shows. */
export interface SignIn {
  /** The name of the app, as it is registered. */
  app: string;
  /** What the app asks for. */
  scopes: readonly string[];
  /** Who is signed in already, and only has to agree; undefined asks for name and password. */
  person?: string | undefined;
  /** Name and password are asked for elsewhere. */
  isElsewhere?: boolean;
  /** Why the last attempt failed. */
  alert?: string | undefined;
  name?: string | undefined;
}

/** The page on which a person signs in and lets an app act for them. */
export function signInPage({ app, scopes, person, isElsewhere, alert, name = '' }: SignIn): string {
  const who = person
    ? `<p>${escaped(person)}</p>`
    : isElsewhere
      ? ''
      : `<label for="name">用户名 / User name</label>
<input id="name" name="name" value="${escaped(name)}" autocomplete="username" required maxlength="100" autofocus>
<label for="password">密码 / Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">`;
  return page(
    '登录 / Sign in',
    `<p><strong>${escaped(app)}</strong> 请求以您的身份使用转诊平台 / asks to use the referral server in your name:</p>
<ul class="quiet">${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>
${alert ? `<p role="alert">${escaped(alert)}</p>` : ''}
<form method="post">
${who}
<button>${person ? '同意 / Allow' : '登录并同意 / Sign in and allow'}</button>
<button name="refuse" value="true" formnovalidate>拒绝 / Refuse</button>
</form>`,
  );
}

/** The page that says that signing in could not go on. */
export function errorPage(error: string, description: string | undefined): string {
  return page(
    '无法登录 / Cannot sign in',
    `<p role="alert">${escaped(error)}</p>${description ? `<p class="quiet">${escaped(description)}</p>` : ''}
<p>请返回应用重试 / Go back to the app and try again.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Zhuanzhen 转诊</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;
}

/** A browser, as far as signing in needs one: it keeps cookies by host and path, and follows redirects. */
export class Browser {
  readonly #cookies = new Map<string, { name: string; value: string; host: string; path: string }>();

  /** The answer, and where it came from, after redirects on the server itself; one to elsewhere is not followed. */
  async go(
    url: string,
    form?: Record<string, string>,
  ): Promise<{ url: string; status: number; text: string; location: string | undefined; headers: Headers }> {
    const { origin, hostname, pathname } = new URL(url);
    const sent = [...this.#cookies.values()]
      .filter(({ host, path }) => host === hostname && pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`);
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { Accept: 'text/html', ...(sent.length > 0 && { Cookie: sent.join('; ') }) },
      ...(form && { body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(hostname, cookie);
    const target = response.headers.get('location');
    const location = target === null ? undefined : new URL(target, url).href;
    if (location?.startsWith(`${origin}/`)) return this.go(location);
    return { url, status: response.status, text: await response.text(), location, headers: response.headers };
  }

  #keep(host: string, cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';').map((each) => each.trim());
    const at = pair.indexOf('=');
    const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
    const isGone = attributes.some(
      (each) => /^expires=/i.test(each) && Date.parse(each.slice(8)) < Date.now(),
    );
    const name = pair.slice(0, at);
    if (isGone) this.#cookies.delete(`${host} ${path} ${name}`);
    else this.#cookies.set(`${host} ${path} ${name}`, { name, value: pair.slice(at + 1), host, path });
  }
}

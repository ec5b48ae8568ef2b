/** Other names of a host, over which the same repositories are reached. */
const HOSTS: Record<string, string> = {
  'www.github.com': 'github.com',
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
};

/**
 * `host/owner/name` of a remote's address: without credentials, port or `.git`, the host in lower
 * case, in one form for the addresses that a host has for HTTPS and SSH. Null when the address is a
 * local folder. The case of the path is kept for showing; keys have it in lower case.
 */
export function remoteIdentity(address: string): string | null {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? parseUrl(address) : null;
  // `user@host:path`; a single letter before the colon is a Windows drive.
  const scp = url ? null : /^(?:[^@/\\]*@)?([^:/\\]{2,}):(?!\/\/)(.+)$/.exec(address);
  const name = (url ? url.hostname : scp?.[1])?.toLowerCase();
  const path = (url ? decoded(url.pathname) : scp?.[2])
    ?.replace(/[?#].*$/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/i, '');
  if (!name || !path) return null;
  const host = HOSTS[name] ?? name;
  return `${host}/${oneForm(host, path)}`;
}

/** The path of a repository in the form that HTTPS and SSH addresses of it share. */
function oneForm(host: string, path: string): string {
  // Azure DevOps: `org/project/_git/name` and `v3/org/project/name`.
  if (host === 'dev.azure.com') return path.replace(/^v3\//, '').replace('/_git/', '/');
  // Bitbucket Server: `scm/project/name` over HTTPS, `project/name` over SSH.
  return path.replace(/^scm\/(?=[^/]+\/[^/]+$)/i, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function parseUrl(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'file:' ? null : url;
  } catch {
    return null;
  }
}

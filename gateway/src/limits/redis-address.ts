/** Where a Redis server is, as ioredis takes it. */
export interface RedisAddress {
  host: string
  port: number
  username?: string
  password?: string
  db: number
  tls?: object
}

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS, whose certificate is checked against the
 * system's authorities and those of NODE_EXTRA_CA_CERTS. ioredis' own reading of URLs lets a query string override any
 * of the client's options, time-outs included; here it is refused.
 *
 * @throws TypeError with a message that repeats nothing of the URL, since there may be a password in it.
 */
export function redisAddress (url: string): RedisAddress {
  try {
    const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url)
    const database = /^\/?(\d{0,5})$/.exec(pathname)
    if (/^rediss?:$/.test(protocol) && hostname !== '' && database !== null && search === '' && hash === '') {
      return {
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(port || 6379),
        ...(username && { username: decodeURIComponent(username) }),
        ...(password && { password: decodeURIComponent(password) }),
        db: Number(database[1]),
        ...(protocol === 'rediss:' && { tls: {} })
      }
    }
  } catch {
    // What URL and decodeURIComponent throw may repeat the password: the sentence below is thrown instead.
  }
  throw new TypeError('a Redis URL has the form redis://[[user]:password@]host[:port][/db], or rediss:// for TLS; ' +
    'special characters in user and password are percent-encoded')
}

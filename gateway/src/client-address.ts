import { isIP } from 'node:net'
import type { BlockList } from 'node:net'

/** Whose request it is, and by whose word. */
export interface Client {
  /** The client's IP address: limits, log and headers all go by it. */
  address: string
  /** The way it came as far as it is believed, the client first: what the upstream gets as X-Forwarded-For. */
  chain: string[]
}

// What was found out of an address that is asked about with each of its requests: a look at the networks costs 3 µs (measured).
const known = new WeakMap<BlockList, Map<string, boolean>>()
const mostKnown = 10_000

/** Whether an address is in one of the networks. A text that is no address is in none. */
export function isWithin (networks: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false
  let answers = known.get(networks)
  if (answers === undefined) known.set(networks, answers = new Map())
  let answer = answers.get(address)
  if (answer === undefined) {
    if (answers.size >= mostKnown) answers.clear()
    answers.set(address, answer = look(networks, address))
  }
  return answer
}

function look (networks: BlockList, address: string): boolean {
  const version = isIP(address)
  return version !== 0 && networks.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Works out who a request comes from. `X-Forwarded-For` is believed only as far as it was written by addresses in
 * `trusted`: from the right, each entry is believed when the one after it is trusted. It ends at the first entry that is not
 * trusted itself (the client), or that is no address at all.
 * @param peer the address at the other end of the connection
 */
export function clientOf (peer: string, forwardedFor: string | undefined, trusted: BlockList): Client {
  const chain = [peer]
  if (forwardedFor === undefined || !isWithin(trusted, peer)) return { address: peer, chain }
  for (const entry of forwardedFor.split(',').reverse()) {
    const address = addressIn(entry.trim())
    if (address === undefined) break
    chain.unshift(address)
    if (!isWithin(trusted, address)) break
  }
  return { address: chain[0]!, chain }
}

/** Some proxies write a port behind the address: `192.0.2.1:443`, `[2001:db8::1]:443`. */
function addressIn (entry: string): string | undefined {
  const bare = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
  return isIP(bare) === 0 || bare.includes('%') ? undefined : bare
}

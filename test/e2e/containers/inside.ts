import type { ComposeStack } from './compose.ts'

/** Runs JavaScript inside a container; resolves with what it printed. */
export const inside = ({ engine, name }: ComposeStack, service: string, script: string): Promise<string> =>
  engine.podman('exec', name(service), 'node', '-e', script)

/** What a container has received over its first network since it started, in bytes. */
export async function received (stack: ComposeStack, service: string): Promise<number> {
  const devices = await inside(stack, service, "process.stdout.write(require('fs').readFileSync('/proc/net/dev'))")
  return Number(/eth0:\s*(\d+)/.exec(devices)![1])
}

/** How a connection ends that a container tries: `connected`, `no answer` or the error's code. */
export const connecting = (stack: ComposeStack, service: string, host: string, port: number): Promise<string> => inside(stack, service, `
  const socket = require('net').connect({ host: '${host}', port: ${port}, timeout: 1000 })
  const tell = (how) => { console.log(how); process.exit() }
  socket.on('connect', () => tell('connected')).on('timeout', () => tell('no answer')).on('error', ({ code }) => tell(code))`)

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../free-port.ts'
import type { Scope } from '../process.ts'
import { temporaryFolder } from '../stack.ts'

// Debian puts it where only root's PATH leads.
const places = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx']

/** The Nginx of this machine, when it has one. */
export const nginxBinary: string | undefined = places.find((place) => spawnSync(place, ['-v']).status === 0)

/** As hardening guides have it. Time-outs are short, so that what Nginx waits for in vain ends soon. */
function configuration (port: number, upstream: string, certificate: Record<string, string>, bodyLimit: number): string {
  return `
daemon off;
# One process, whoever runs it: no worker survives it, and none needs rights of its own.
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  server_tokens off;
  client_header_timeout 1s;
  client_body_timeout 1s;
  keepalive_timeout 1s;
  send_timeout 1s;
  lingering_timeout 1s;
  client_max_body_size ${bodyLimit};
  client_header_buffer_size 1k;
  large_client_header_buffers 4 8k;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temporary/${name};`).join('\n  ')}
  upstream behind {
    server ${new URL(upstream).host};
    keepalive 8;
  }
  server {
    listen 127.0.0.1:${port} ssl http2;
    server_name localhost;
    ssl_certificate ${certificate.TLS_CERT_FILE};
    ssl_certificate_key ${certificate.TLS_KEY_FILE};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_connect_timeout 1s;
      proxy_read_timeout 1s;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Request-Id $request_id;
    }
  }
}
`
}

/** An Nginx of the test's own before `upstream`, on a loopback port; gone with the test. */
export async function startNginx (
  t: Scope, upstream: string, certificate: Record<string, string>, bodyLimit = 1_048_576
): Promise<{ port: number }> {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'temporary'))
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, upstream, certificate, bodyLimit))
  const child = spawn(nginxBinary!, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  // Also when the test process ends without getting that far.
  process.once('exit', () => child.kill('SIGKILL'))
  const output: string[] = []
  for await (const line of createInterface(child.stderr)) {
    output.push(line)
    // Its first line once its port is open.
    if (line.includes('using the "')) {
      child.stderr.resume()
      return { port }
    }
  }
  throw new Error(`Nginx did not start:\n${output.join('\n')}`)
}

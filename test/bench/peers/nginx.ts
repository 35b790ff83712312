import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nginxBinary } from '../../e2e/differential/nginx.ts'
import { freePort } from '../../e2e/free-port.ts'
import { start } from '../processes.ts'
import type { BenchScope } from '../scope.ts'
import { childrenOf } from '../usage.ts'
import type { Certificate } from './peer.ts'

export { nginxBinary }

export interface NginxOptions {
  certificate: Certificate
  workers: number
  /** `host:port` or `unix:/path` of what is behind it. */
  upstream: string
  /** Of every answer, beside what Nginx and the upstream send. */
  headers: Record<string, string>
}

/**
 * A TLS reverse proxy as hardening guides have it, and as quick as they make it: kept-alive connections on both sides that are
 * never closed for their age, and an access log that is written in blocks.
 */
function configuration (port: number, folder: string, { certificate, workers, upstream, headers }: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
  const added = Object.entries(headers).map(([name, value]) => `add_header ${name} "${value}" always;`)
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${workers};
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 8192; }
http {
  ${temporary.join('\n  ')}
  log_format line escape=json '{"time":"$time_iso8601","requestId":"$request_id","client":"$remote_addr",'
    '"method":"$request_method","path":"$uri","status":$status,"seconds":$request_time,"httpVersion":"$server_protocol"}';
  access_log ${folder}/access.log line buffer=64k flush=1s;
  server_tokens off;
  limit_req_zone $binary_remote_addr zone=requests:10m rate=1000000r/s;
  limit_conn_zone $binary_remote_addr zone=connections:10m;
  keepalive_timeout 65s;
  keepalive_requests 1000000000;
  upstream behind {
    server ${upstream};
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate ${certificate.env.TLS_CERT_FILE};
    ssl_certificate_key ${certificate.env.TLS_KEY_FILE};
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 1m;
    limit_req zone=requests burst=1000000 nodelay;
    limit_conn connections 10000;
    add_header X-Request-Id $request_id always;
    ${added.join('\n    ')}
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_hide_header X-Request-Id;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
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

/** Starts it; it may take a moment until it answers. @returns its origin and its workers */
export async function startNginx (scope: BenchScope, options: NginxOptions): Promise<{ url: string, pids: () => number[] }> {
  const port = await freePort()
  const folder = join(scope.folder, `nginx-${port}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, folder, options))
  const { pid } = start(scope, nginxBinary!, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'])
  return { url: `https://127.0.0.1:${port}`, pids: () => childrenOf(pid) }
}

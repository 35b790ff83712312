import { join } from 'node:path'
import { readAuthority } from '../authority.ts'
import type { Io } from '../io.ts'
import { shown, storeOf } from '../layout.ts'
import { dirHelp, dirOption, helpHelp, parseOptions } from '../options.ts'

export const help = `Usage: certs trust [--dir DIR]

Prints how to make Linux, macOS, Windows and browsers trust the authority in the folder, and how to undo it. Changes
nothing itself.

${dirHelp}
${helpHelp}
`

/** `certs trust`: see {@link help}. */
export async function run (args: string[], io: Io): Promise<void> {
  const directory = storeOf(parseOptions('trust', args, dirOption).dir)
  const { certificate } = readAuthority(directory)
  const name = certificate.subject.split('\n').find((part) => part.startsWith('CN='))?.slice(3) ?? 'ca'
  const path = shown(join(directory, 'ca.crt'))
  const file = `model-edge-${certificate.fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}`
  io.print(instructions(quoted(path), quoted(name), file))
  io.print(`\nIts SHA-256 fingerprint, to compare where it is imported:\n  ${certificate.fingerprint256}`)
  io.print('\nWhoever has ca.key can then pretend to be any web site to that machine. Nothing was changed by this command.')
}

/** In quotes for sh and PowerShell, whatever stands in it; double ones, since cmd.exe knows no others. */
function quoted (text: string): string {
  return /^[\w./:\\+-]+$/.test(text) ? text : `"${text.replaceAll(/["$`\p{Cc}]/gu, '')}"`
}

function instructions (path: string, name: string, file: string): string {
  return `Debian, Ubuntu
  sudo cp ${path} /usr/local/share/ca-certificates/${file}.crt && sudo update-ca-certificates
  undo: sudo rm /usr/local/share/ca-certificates/${file}.crt && sudo update-ca-certificates --fresh

Fedora, RHEL
  sudo cp ${path} /etc/pki/ca-trust/source/anchors/${file}.crt && sudo update-ca-trust
  undo: sudo rm /etc/pki/ca-trust/source/anchors/${file}.crt && sudo update-ca-trust

macOS
  sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${path}
  undo: sudo security delete-certificate -c ${name} /Library/Keychains/System.keychain

Windows
  certutil -user -addstore Root ${path}
  undo: certutil -user -delstore Root ${name}

Firefox (every system; it has a store of its own)
  Settings, Privacy & Security, View Certificates, Authorities, Import: ${path}, "Trust this CA to identify websites"
  undo: the same list, Delete or Distrust

Chromium, Chrome on Linux (certutil is in libnss3-tools or nss-tools)
  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${file} -i ${path}
  undo: certutil -d sql:$HOME/.pki/nssdb -D -n ${file}

One program, without trusting it everywhere
  curl --cacert ${path} https://…
  NODE_EXTRA_CA_CERTS=${path} node …`
}

import { rmSync } from 'node:fs'
import type { JsonGeneralName } from '@peculiar/x509'
import { checkFree, leftoverKey, withStore } from './issuing.ts'
import type { MakeOptions } from './issuing.ts'
import { newKey, toPem } from './keys.ts'
import { checkNotOther } from './layout.ts'
import type { Place } from './layout.ts'
import { record } from './records.ts'
import { makeRequest } from './requests.ts'
import { readIfThere, writeWhole } from './store.ts'

/**
 * Makes a key and a request for it. Interrupted it leaves at most a key without a request, which the same command uses; with
 * `force` the former request and certificate go before the key does, so that none lies beside another's key.
 */
export async function requestPair (
  directory: string, place: Place, commonName: string, names: JsonGeneralName[], { rsa, force = false }: MakeOptions
): Promise<void> {
  await withStore(directory, [place.folder], async () => {
    checkNotOther(directory, place)
    if (!force) checkFree(place.certificate, place.request)
    const former = readIfThere(place.certificate)
    if (former !== undefined) record(directory, place, former)
    const kept = force ? undefined : leftoverKey(place, rsa)
    const key = kept ?? newKey(rsa)
    const request = await makeRequest(key, commonName, names)
    for (const path of [place.request, place.certificate]) rmSync(path, { force: true })
    if (!kept) writeWhole(place.key, toPem(key))
    writeWhole(place.request, request)
  })
}

import { existsSync, readFileSync } from 'node:fs'

/** proc(5): without it neither CPU time nor memory of other processes is known. */
export const hasProc = existsSync('/proc/self/stat')

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Node.js runs on.
const ticksPerSecond = 100

/** Seconds of CPU time that the processes have used so far, in user and kernel mode, all threads. */
export function cpuSeconds (pids: number[]): number {
  return sum(pids.map((pid) => {
    // Field 2, the name, may hold anything but ends with the last parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ').map(Number)
    return (fields[11]! + fields[12]!) / ticksPerSecond
  }))
}

/** Resident memory now, in MB (10⁶ bytes), shared pages counted for each process. */
export function residentMegabytes (pids: number[]): number {
  return sum(pids.map((pid) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024 / 1e6))
}

/** The processes that this one has started and that still run. */
export function childrenOf (pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number)
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

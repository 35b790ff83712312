/**
 * The generic cell rate algorithm of gcra.ts inside Redis: one script, so that reading and writing are one step whoever
 * else asks, and one round trip. KEYS: the client's. ARGV, all in milliseconds: the emission interval, the highest
 * backlog with which a request is admitted, the capacity. Answers whether it is admitted (1, 0) and the backlog, as
 * text since Redis cuts numbers to whole ones.
 *
 * - The time is Redis' own: the gateways' clocks need not agree.
 * - It is counted from 2023, not from 1970, so that a double keeps 15 ns of it.
 * - A theoretical arrival time further ahead than the capacity comes from a clock that was set back, or from a larger
 *   limit before: it counts as a spent allowance, no more.
 * - A client whose allowance is full again is nobody: the key expires then by itself.
 */
export const gcraScript = `
local interval, highest, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = (time[1] - 1700000000) * 1000 + time[2] / 1000
local arrival = tonumber(redis.call('GET', KEYS[1])) or now
local backlog = math.min(math.max(arrival - now, 0), capacity)
if backlog > highest then
  return { 0, string.format('%.17g', backlog) }
end
backlog = backlog + interval
redis.call('SET', KEYS[1], string.format('%.17g', now + backlog), 'PX', string.format('%.0f', math.ceil(backlog)))
return { 1, string.format('%.17g', backlog) }
`

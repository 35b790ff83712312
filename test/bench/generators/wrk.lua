-- Sends one body over and over and looks at every answer: status 200 and exactly the expected body, or it is counted as wrong.
-- Arguments: file with the body, file with the expected answer, content type.

local threads = {}

function setup (thread)
  table.insert(threads, thread)
end

local function content (path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

function init (args)
  wrk.method = 'POST'
  wrk.body = content(args[1])
  wrk.headers['content-type'] = args[3]
  expected = content(args[2])
  -- Flask ends its JSON with a newline.
  expected_line = expected .. '\n'
  wrong = 0
end

function response (status, _, body)
  if status ~= 200 or (body ~= expected and body ~= expected_line) then wrong = wrong + 1 end
end

function done (summary)
  local errors = summary.errors
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get('wrong') end
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"wrong":%d,"failed":%d}\n',
    summary.requests, summary.duration, wrong, errors.connect + errors.read + errors.write + errors.timeout
  ))
end

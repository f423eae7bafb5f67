-- wrk … -s load.lua URL -- FILE START [PREFIX]
-- FILE has one request a line: a method, a path, and a body where there is one. They are sent in turn from the one
-- after START, from the first again after the last. With a PREFIX each gets an Idempotency-Key of its own that begins so. What came of it is
-- written as one line of JSON: times in milliseconds, the rest as counts; `times` has [microseconds, how many].

local requests, keyed, sent = {}, nil, 0

local function headers(body)
  local made = { Host = wrk.headers["Host"], Authorization = wrk.headers["Authorization"] }
  if body then made["Content-Type"] = "application/json" end
  return made
end

function init(args)
  sent, keyed = tonumber(args[2]), args[3]
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%u+) (%S+) ?(.*)$")
    if body == "" then body = nil end
    requests[#requests + 1] = keyed and { method, path, body } or wrk.format(method, path, headers(body), body)
  end
end

function request()
  sent = sent + 1
  local wanted = requests[(sent - 1) % #requests + 1]
  if not keyed then return wanted end
  local made = headers(wanted[3])
  made["Idempotency-Key"] = keyed .. sent
  return wrk.format(wanted[1], wanted[2], made, wanted[3])
end

function done(summary, latency)
  local e, times = summary.errors, {}
  for i = 1, #latency do
    local us, count = latency(i)
    times[i] = string.format("[%d,%d]", us, count)
  end
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"failed":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"times":[%s]}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, table.concat(times, ",")))
end

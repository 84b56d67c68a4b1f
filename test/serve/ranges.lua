-- wrk's requests: random ranges of a file of LENGTH bytes, each of at most MOST bytes.
local path, length, most

function init(args)
  path, length, most = args[1], tonumber(args[2]), tonumber(args[3])
  math.randomseed(tonumber(args[4]))
end

function request()
  local begin = math.random(0, length - most)
  return wrk.format("GET", path, { Range = string.format("bytes=%d-%d", begin, begin + math.random(0, most - 1)) })
end

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("{\"requests\":%d,\"bytes\":%d,\"seconds\":%f,\"wrong\":%d,\"p50\":%f,\"p99\":%f}\n",
    summary.requests, summary.bytes, summary.duration / 1e6, wrong, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

-- wrk: one order after another through the API, each with a key of its own; bodies come from a file, one a line.
-- Each comes by a connection of its own, as from nginx: a worker that is free takes it, where eight kept ones would now and then all stay with one.
local bodies, sent, run = {}, 0, os.getenv("BENCH_RUN")
for line in io.lines(os.getenv("BENCH_BODIES")) do bodies[#bodies + 1] = line end

function request()
  sent = sent + 1
  local headers = {["Connection"] = "close", ["Content-Type"] = "application/json", ["Idempotency-Key"] = string.format("bench-%s-%d", run, sent)}
  return wrk.format("POST", "/api/v1/orders", headers, bodies[sent % #bodies + 1])
end

-- wrk's script: asks the same again and again, or another one each time, and tells in JSON what
-- became of it. Its bearer token is in the environment. Arguments: method, body, what `@` stands
-- for in it, first number.

local asking

function setup(thread)
    asking = thread
end

function init(args)
    local method, body, each, first = unpack(args)
    wrk.method = method
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("CHUDAN_BENCH_TOKEN")
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = body ~= "" and body or nil
    refused, told = 0, ""
    if each ~= "" then
        local number = tonumber(first)
        local of = assert(loadstring("return function(n) return " .. each .. " end"))()
        function request()
            number = number + 1
            return wrk.format(nil, nil, nil, (body:gsub("@", of(number))))
        end
    end
end

function response(status, _, body)
    if status ~= 200 or body:sub(1, 300):find('"errors":[{', 1, true) then
        refused = refused + 1
        told = status .. " " .. body:sub(1, 300)
    end
end

function done(summary, latency)
    local failed = summary.errors
    local lost = failed.connect + failed.read + failed.write + failed.timeout
    print(asking:get("told"))
    print(string.format(
        '{"requests": %d, "seconds": %.6f, "refused": %d, "p50": %.3f, "p95": %.3f}',
        summary.requests, summary.duration / 1e6, asking:get("refused") + lost,
        latency:percentile(50) / 1e3, latency:percentile(95) / 1e3))
end

-- The API as far as it is measured: a POST gets a JSON:API document with a fresh id and what was sent. One worker, so
-- the counter and the list of arrivals are plain variables.
local ffi = require "ffi"
ffi.cdef "int clock_gettime(int clock, int64_t *seconds_and_nanoseconds);"
local now = ffi.new("int64_t[2]")
local CLOCK_REALTIME = 0

local mock = {}
local count, arrivals = 0, {}

local function microseconds()
    ffi.C.clock_gettime(CLOCK_REALTIME, now)
    return tonumber(now[0]) * 1000000 + math.floor(tonumber(now[1]) / 1000)
end

local function attributes_of(kind, body)
    if kind ~= "users" then
        return body:match '"attributes":(%b{})' or "{}"
    end
    local email = body:match '"email":("[^"]*")' or "null"
    return '{"name":' .. email .. ',"email":' .. email .. ',"kyc_accepted":false,"otp_enabled":false,' ..
        '"do_not_email":false,"trezor_login_enabled":false,"compliance_state":"new"}'
end

local function send(text, content_type)
    ngx.header.content_type = content_type
    ngx.header.content_length = #text
    ngx.print(text)
end

-- The clock is read before the body is: the request's head has just come.
function mock.arrive()
    arrivals[#arrivals + 1] = microseconds()
end

function mock.answer()
    ngx.req.read_body() -- others come in meanwhile
    count = count + 1
    local kind = ngx.var.uri:match "([%w_]+)$"
    send('{"data":{"id":"' .. count .. '","type":"' .. kind .. '","attributes":' ..
        attributes_of(kind, ngx.req.get_body_data() or "") .. "}}", "application/vnd.api+json; charset=utf-8")
end

function mock.tell_count()
    send(tostring(count), "text/plain")
end

-- In whole numbers: tostring would leave the last digits out.
function mock.tell_arrivals()
    for i, at in ipairs(arrivals) do
        arrivals[i] = string.format("%d", at)
    end
    local text = table.concat(arrivals, "\n")
    arrivals = {}
    send(text, "text/plain")
end

return mock

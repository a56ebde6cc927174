-- Counts a request on all of the counters KEYS, or on none of them where one refuses. The clock is the
-- server's. For each key ARGV has the algorithm, the window in milliseconds, the limit, the burst in
-- thousandths or the longest pause in milliseconds, and for how many milliseconds it is remembered.
-- Gives {0, n, left, reset}, where counter n has least left, or {1, n, wait}.
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local floor, ceil, max = math.floor, math.ceil, math.max

local function fixed(c, w, m)
  if c.n >= m then return nil, c.t + w - now end
  return {n = c.n + 1, b = '', t = now}, m - c.n - 1, w
end

-- The window moves by tenths. `b` has what each of eleven of them holds, at the remainder of its number.
local function sliding(c, w, m)
  local slice, old = w / 10, {}
  local present, known = floor(now / slice), floor(c.t / slice)
  for held in string.gmatch(c.b, '%d+') do old[#old + 1] = tonumber(held) end
  local function held(part) return part <= known and old[part % 11 + 1] or 0 end
  local n, slices = 0, {}
  for part = present - 10, present do
    n = n + held(part)
    slices[part % 11 + 1] = held(part)
  end
  if n < m then
    slices[present % 11 + 1] = held(present) + 1
    return {n = n + 1, b = table.concat(slices, ','), t = now}, m - n - 1, (present + 11) * slice - now
  end
  for part = present - 10, present do
    n = n - held(part)
    if n < m then return nil, (part + 11) * slice - now end
  end
  return nil, w
end

local function bucket(c, w, m, burst)
  local taken = max(c.n - floor((now - c.t) * m / (w / 1000)), 0) + 1000
  if taken > burst then return nil, ceil((taken - burst) * w / (m * 1000)) end
  return {n = taken, b = '', t = now}, floor((burst - taken) / 1000), ceil(taken * w / (m * 1000))
end

local function growing(c, w, m, longest)
  local function pause(n)
    if n < m then return 0 end
    return math.min(w * 2 ^ math.min(n - m, 40), longest)
  end
  local left = pause(c.n) - (now - c.t)
  if c.n >= m and left > 0 then return nil, left end
  return {n = c.n + 1, b = '', t = now}, max(m - c.n - 1, 0), pause(c.n + 1)
end

local algorithms = {fixed, sliding, bucket, growing}
local next, tightest, least, reset = {}, 1, nil, 0
for i, key in ipairs(KEYS) do
  local arg = (i - 1) * 5
  local kind, w, m = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2]), tonumber(ARGV[arg + 3])
  local extra, memory = tonumber(ARGV[arg + 4]), tonumber(ARGV[arg + 5])
  local kept = redis.call('HMGET', key, 'n', 'b', 't')
  local c = {n = tonumber(kept[1]) or 0, b = kept[2] or '', t = tonumber(kept[3]) or now}
  if c.t > now then c.t = now end
  if now - c.t >= memory then c = {n = 0, b = '', t = now} end
  local counter, left, ends = algorithms[kind](c, w, m, extra)
  if not counter then return {1, i - 1, max(left, 1)} end
  next[i] = {counter, memory}
  if not least or left < least then tightest, least, reset = i, max(left, 0), ends end
end
for i, key in ipairs(KEYS) do
  local counter = next[i][1]
  redis.call('HSET', key, 'n', counter.n, 'b', counter.b, 't', counter.t)
  redis.call('PEXPIRE', key, next[i][2])
end
return {0, tightest - 1, least or 0, reset}

"""connections: CPU per job with few and many; pace: what the server sees of it."""
import statistics

import rivals
import work
from item_speed import LIBCURL, cpu_us, rate

CONNECTION_COUNTS = (8, 64, 512)
PACES = (5, 50, 500)
SECOND_US = 1_000_000


def spread(values):
    return max(values) / min(values) - 1


def spread_of_turns(costs):
    """The median of what each turn says, for a turn is disturbed as a whole."""
    return statistics.median(spread([cpu_us([cost]) for cost in turn]) for turn in zip(*costs.values()))


def connections(bench):
    rows = 2000 if bench.quick else 20000
    plays = {}
    for count in CONNECTION_COUNTS:
        plays[f"remesa {count}"] = lambda count=count: bench.engine(rows, connections=count)
        plays[f"{LIBCURL} {count}"] = lambda count=count: rivals.curl_alone(bench, rows, count)
    costs = work.in_turns(2 if bench.quick else 5, plays)
    ours = {count: costs[f"remesa {count}"] for count in CONNECTION_COUNTS}
    base = {count: costs[f"{LIBCURL} {count}"] for count in CONNECTION_COUNTS}
    found = spread_of_turns(ours)
    return {
        "title": "CPU per job with few and many connections",
        "how": f"{rows:,} rows, no pace, the database on the disk; libcurl alone with as many connections beside it. "
               "Most over least is the median of the single turns'.",
        "columns": ["connections", "requests/s", "CPU µs/job", "peak MiB", "libcurl alone: requests/s", "CPU µs/job"],
        "rows": [[f"{count}", f"{rate(ours[count]):,.0f}", f"{cpu_us(ours[count]):.1f}",
                  f"{work.median(ours[count], 'peak_mib'):.1f}", f"{rate(base[count]):,.0f}", f"{cpu_us(base[count]):.1f}"]
                 for count in CONNECTION_COUNTS],
        "goals": [{"goal": "CPU per job the same within 15 % at 8, 64 and 512 connections",
                   "measured": f"most {found * 100:.0f} % over least", "held": found <= 0.15}],
        "notes": [f"Libcurl alone: most {spread_of_turns(base) * 100:.0f} % over least."],
    }


# ---- pace ----

def most_in_a_second(arrivals):
    """The most of them in any [t, t + 1 s)."""
    most = first = 0
    for last, at in enumerate(arrivals):
        while at - arrivals[first] >= SECOND_US:
            first += 1
        most = max(most, last - first + 1)
    return most


def starts_over(arrivals, limit):
    """How many of them came when the second that they ended held the limit already."""
    return sum(1 for i in range(limit, len(arrivals)) if arrivals[i] - arrivals[i - limit] < SECOND_US)


def part_used(arrivals, limit):
    """Of the quota from the first to the last: n requests span n - 1 intervals."""
    span = (arrivals[-1] - arrivals[0]) / SECOND_US
    return (len(arrivals) - 1) / (limit * span) if span else 0


def judge_pace(arrivals, limit):
    arrivals = sorted(arrivals)
    over, used = starts_over(arrivals, limit), part_used(arrivals, limit)
    return {"row": [f"{limit}", f"{len(arrivals):,}", f"{(arrivals[-1] - arrivals[0]) / SECOND_US:.1f}",
                    f"{most_in_a_second(arrivals)}", f"{over}", f"{used * 100:.2f} %"],
            "goals": [{"goal": f"at {limit}/s no start over the limit in any sliding second", "measured": f"{over} over",
                       "held": over == 0},
                      {"goal": f"at {limit}/s at least 99 % of the quota used", "measured": f"{used * 100:.2f} %",
                       "held": used >= 0.99}]}


def pace(bench):
    seconds, judged = 5 if bench.quick else 25, []
    for limit in PACES:
        with bench.folder() as folder:
            rows = limit * seconds
            bench.import_rows(folder, rows)
            bench.server.arrivals()
            cost = bench.run_all(folder, rows, rate=limit, how=bench.server.PACED)
            judged.append(judge_pace(bench.server.arrivals(), limit))
            work.tell(f"  {limit}/s: {work.told(cost)}: {', '.join(judged[-1]['row'])}")
    return {
        "title": "the quota, as the server sees it",
        "how": f"`rate` is the limit, every answer takes 80 ms, {work.CONNECTIONS} connections, {seconds} s of rows. The "
               "server notes the microsecond at which its worker turns to a request. Over are requests that came before the "
               "limit-th one before them was a second old.",
        "columns": ["limit/s", "requests", "seconds", "most in a second", "over", "quota used"],
        "rows": [each["row"] for each in judged], "goals": [goal for each in judged for goal in each["goals"]],
    }

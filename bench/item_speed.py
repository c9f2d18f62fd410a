"""speed: the same rows by everybody; syscalls: what each asks of the kernel for a job."""
import os
import re
import shutil
import statistics

import rivals
import work

LIBCURL, PARALLEL, XARGS, NEWMAN = "libcurl alone", "curl --parallel", "xargs -P 64 curl", "newman"
AIOHTTP, ENGINE = "aiohttp + sqlite3", "remesa"

HOW = """{rows:,} rows of `create_user`, no pace, {connections} connections. remesa works off an imported batch: WAL,
`synchronous=FULL`, each request's intent on the disk before it leaves and its outcome after it came. *libcurl alone* is
`curl_alone.c`: one process, kept handles and connections, answers counted and forgotten. aiohttp + sqlite3
(`rival_aiohttp.py`, {slow:,} rows) keeps intent and outcome as durably, with group commit in a thread. curl --parallel
takes its requests from one config file and writes the answers to /dev/null; xargs starts one curl for each of {few:,}
rows; newman runs {few:,} iterations, one after the other. Starting and ending count for all of them.
Ratios are medians of those of the single turns."""


def goal(text, value, bound, at_least=True, form="{:.2f} x"):
    """Medians of the same turns, compared."""
    return {"goal": f"{text} {'at least' if at_least else 'at most'} {bound:g} x", "measured": form.format(value),
            "held": value >= bound if at_least else value <= bound}


def contestants(bench, rows, slow, few):
    """In the order of the table."""
    all_of = {ENGINE: lambda: bench.engine(rows)}
    if "tmpfs" in bench.places:
        all_of[f"{ENGINE}, tmpfs"] = lambda: bench.engine(rows, "tmpfs")
    all_of[LIBCURL] = lambda: rivals.curl_alone(bench, rows)
    all_of[PARALLEL] = lambda: rivals.curl_parallel(bench, rows)
    if rivals.has_aiohttp():
        all_of[AIOHTTP] = lambda: rivals.aiohttp(bench, slow)
        if "tmpfs" in bench.places:
            all_of[f"{AIOHTTP}, tmpfs"] = lambda: rivals.aiohttp(bench, slow, "tmpfs")
    all_of[XARGS] = lambda: rivals.xargs_curl(bench, few)
    if rivals.newman_program():
        all_of[NEWMAN] = lambda: rivals.newman(bench, few)
    return all_of


def is_durable(name):
    return name in (ENGINE, AIOHTTP)


def kept(name):
    if name.startswith((ENGINE, AIOHTTP)):
        return "intent and outcome" if is_durable(name) else "in memory only"
    return "nothing"


def rate(costs):
    return costs[0].served / work.median(costs, "seconds")


def cpu_us(costs):
    return work.median(costs, "cpu") / costs[0].served * 1e6


def beside(value, ours, others):
    """How many times theirs ours is: the median of what each turn says, for a turn is disturbed as a whole."""
    return statistics.median(value([mine]) / value([theirs]) for mine, theirs in zip(ours, others))


def row(name, costs, base):
    rates = [cost.served / cost.seconds for cost in costs]
    return [name, kept(name), f"{rate(costs):,.0f}", f"{min(rates):,.0f} to {max(rates):,.0f}",
            f"{beside(rate, costs, base):.2f}", f"{cpu_us(costs):,.1f}", f"{beside(cpu_us, costs, base):.2f}",
            f"{work.median(costs, 'peak_mib'):.1f}", f"{work.median(costs, 'server_cpu') / work.median(costs, 'seconds'):.2f}"]


def absent_rows(costs):
    return [[name, *["not installed here"] + ["" for _ in range(7)]] for name in (AIOHTTP, NEWMAN) if name not in costs]


def goals(costs):
    ours, base = costs[ENGINE], costs[LIBCURL]
    found = [goal("durable results per second beside libcurl alone:", beside(rate, ours, base), 0.7),
             goal("durable results per second beside curl --parallel:", beside(rate, ours, costs[PARALLEL]), 2.5)]
    if AIOHTTP in costs:
        found.append(goal("durable results per second beside aiohttp + sqlite3:", beside(rate, ours, costs[AIOHTTP]), 6))
    return found + [goal("CPU per job beside libcurl alone:", beside(cpu_us, ours, base), 1.6, at_least=False)]


def speed(bench):
    rows, slow, few = (2000, 500, 50) if bench.quick else (20000, 10000, 500)
    costs = work.in_turns(3 if bench.quick else 5, contestants(bench, rows, slow, few))
    return {
        "title": "results per second, and what they cost",
        "how": HOW.format(rows=rows, slow=slow, few=few, connections=work.CONNECTIONS),
        "columns": ["", "kept on disk", "requests/s", "least to most", "x libcurl", "CPU µs/job", "x libcurl",
                    "peak MiB", "server busy"],
        "rows": [row(name, each, costs[LIBCURL]) for name, each in costs.items()] + absent_rows(costs),
        "goals": goals(costs),
        "chart": [{"name": name, "rate": rate(each), "cpu_us": cpu_us(each), "durable": is_durable(name)}
                  for name, each in costs.items()],
    }


# ---- system calls ----

SYNCS = ("fsync", "fdatasync", "sync_file_range", "msync")


def traced(bench, folder, argv, count):
    """Calls by name, of all threads and children."""
    out = os.path.join(folder, "strace")
    rivals.checked(bench.measured(["strace", "-f", "-qq", "-c", "-o", out, *argv], folder), count)
    calls = {}
    with open(out, encoding="ascii", errors="replace") as f:
        for line in f:
            found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
            if found and found.group(2) != "total":
                calls[found.group(2)] = int(found.group(1))
    return calls


def trace_engine(bench, rows):
    with bench.folder() as folder:
        bench.import_rows(folder, rows)
        return traced(bench, folder, bench.run_argv(), rows)


def trace_rival(bench, rows, make_argv):
    with bench.folder() as folder:
        return traced(bench, folder, make_argv(folder), rows)


def syscall_row(name, calls, rows):
    syncs = sum(calls.get(sync, 0) for sync in SYNCS)
    most = sorted(calls.items(), key=lambda pair: -pair[1])[:6]
    return [name, f"{sum(calls.values()) / rows:.2f}", f"{syncs / rows:.4f}" if syncs else "0",
            ", ".join(f"{call} {number / rows:.2f}" for call, number in most)]


def syscalls(bench):
    rows, few = (500, 20) if bench.quick else (5000, 200)
    item = {"title": "system calls and syncs for a job", "columns": ["", "system calls/job", "fsync and fdatasync/job", "most"],
            "how": f"`strace -c -f`, once, {rows:,} rows ({few} by xargs), starting and ending included. Being traced slows "
                   "the client down, so more answers meet in one commit than else.", "rows": [], "goals": []}
    if not shutil.which("strace"):
        return {**item, "notes": ["strace is not installed here."]}
    item["rows"].append(syscall_row(ENGINE, trace_engine(bench, rows), rows))
    others = {LIBCURL: (rows, lambda folder: rivals.curl_alone_argv(bench, rows)),
              PARALLEL: (rows, lambda folder: rivals.curl_parallel_argv(bench, folder, rows)),
              XARGS: (few, lambda folder: rivals.xargs_curl_argv(bench, folder, few))}
    if rivals.has_aiohttp():
        others[AIOHTTP] = (rows, lambda folder: rivals.aiohttp_argv(bench, folder, rows))
    for name, (count, make_argv) in others.items():
        item["rows"].append(syscall_row(name, trace_rival(bench, count, make_argv), count))
    return item

"""instructions: what a job costs in instructions of the client, and which functions they are."""
import collections
import os
import re
import shutil

import report
import rivals
import work

LINE = re.compile(r"^\s*([\d,]+) \(\s*[\d.]+%\)\s+(\S+?):([^\[]+?)(?:\s+\[(.+)\])?$")
MOST = 20


def read_functions(text):
    """Instructions of each function itself, by function and object, out of callgrind_annotate."""
    found = collections.Counter()
    for line in text.splitlines():
        if line.startswith("-- Auto-annotated"):
            break
        match = LINE.match(line)
        if match:
            count, _, name, program = match.groups()
            found[name.strip(), os.path.basename(program or "elsewhere")] += int(count.replace(",", ""))
    return found


def counted(bench, folder, argv, requests):
    out, shown = os.path.join(folder, "callgrind"), os.path.join(folder, "said")
    rivals.checked(bench.measured(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *argv], folder), requests)
    bench.measured(["callgrind_annotate", "--threshold=100", "--auto=no", out], folder)
    with open(shown, encoding="utf-8", errors="replace") as f:
        return read_functions(f.read())


def of_run(bench, rows):
    with bench.folder() as folder:
        bench.import_rows(folder, rows)
        return counted(bench, folder, bench.run_argv(), rows)


def of_libcurl(bench, rows):
    with bench.folder() as folder:
        return counted(bench, folder, rivals.curl_alone_argv(bench, rows), rows)


def of_import(bench, rows):
    with bench.folder() as folder:
        csv = os.path.join(folder, "rows.csv")
        work.write_csv(csv, rows)
        return counted(bench, folder, bench.import_argv(csv), 0)


def per_row(play, bench, few, many):
    """The difference of two runs, so that starting and ending do not count."""
    less, more = play(bench, few), play(bench, many)
    return {name: (count - less[name]) / (many - few) for name, count in more.items()}


def by_object(costs):
    found = collections.Counter()
    for (_, program), count in costs.items():
        found[program] += count
    whole = sum(costs.values())
    return ", ".join(f"{program} {count / whole * 100:.0f} %" for program, count in found.most_common(6))


def costliest(costs):
    whole = sum(costs.values())
    return [[f"`{name[:60]}`", program, f"{count:,.0f}", f"{count / whole * 100:.1f} %"]
            for (name, program), count in sorted(costs.items(), key=lambda pair: -pair[1])[:MOST]]


def instructions(bench):
    few, many = (100, 300) if bench.quick else (1000, 5000)
    columns = ["function", "in", "instructions", "part"]
    item = {"title": "instructions of the client for a job, and for a row imported", "columns": columns, "goals": [],
            "rows": [],
            "how": f"callgrind, {few:,} and {many:,} rows; their difference divided, so that starting and ending do not "
                   f"count. The kernel is not in it. The {MOST} functions of a run that cost most, by what they execute themselves. "
                   "(callgrind counts each byte that `rep stosb` clears as one.)"}
    if not shutil.which("valgrind"):
        return {**item, "notes": ["valgrind is not installed here."]}
    ours, base, taken_in = (per_row(play, bench, few, many) for play in (of_run, of_libcurl, of_import))
    whole, least = sum(ours.values()), sum(base.values())
    item["rows"] = costliest(ours)
    item["notes"] = [f"A job of remesa: {whole:,.0f} instructions ({by_object(ours)}). Of libcurl alone: {least:,.0f}; "
                     f"remesa takes {whole / least:.2f} x.",
                     f"A row imported: {sum(taken_in.values()):,.0f} instructions ({by_object(taken_in)}). "
                     f"The {MOST} functions of it that cost most:",
                     report.table(columns, costliest(taken_in))]
    work.tell(f"  {item['notes'][0]}")
    return item

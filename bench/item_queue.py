"""import: against sqlite3's own; queue: very many rows that wait; done_rows: very many that are done."""
import contextlib
import os
import re
import sqlite3
import statistics

import work
from item_speed import cpu_us, goal, rate

# .import fills every column of a table from the file. So the table has the file's three, and in the engine's own indexes a
# constant stands in the place of each other column: they have the same to do.
EQUAL_TABLE = "CREATE TABLE job (ref TEXT NOT NULL UNIQUE, action TEXT NOT NULL, email TEXT);"
CONSTANTS = {"batch_id": "(+1)", "state": "('queued' || '')", "ready": "(+1)", "due_at": "(+0)", "unmet": "(+0)",
             "on_behalf_of": "(NULL)", "suspect": "(NULL)", "payee": "(NULL)",
             "currency": "(NULL)", "minor": "(NULL)"}


def equal_index(text):
    head, on_job, rest = text.partition(" ON job")
    return head + on_job + re.sub(r"'[^']*'|\b\w+\b", lambda word: CONSTANTS.get(word[0], word[0]), rest)


def indexes_of_jobs(db):
    return [text for text, in db.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'job' AND sql IS NOT NULL")]


def make_equal(db, indexes):
    db.executescript(EQUAL_TABLE + ";\n".join(map(equal_index, indexes)))


def prepare_equal(bench, folder):
    """A database with that table, and WAL, as the engine's."""
    with bench.folder() as other:
        bench.import_rows(other, 1)
        with contextlib.closing(sqlite3.connect(os.path.join(other, "remesa.db"))) as db:
            indexes = indexes_of_jobs(db)
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "equal.db"))) as db:
        db.execute("PRAGMA journal_mode = WAL")
        make_equal(db, indexes)


def shell_argv(csv):
    pragmas = ["PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL"]
    return ["sqlite3", "equal.db", *pragmas, f".import --csv --skip 1 {csv} job"]


def import_by_shell(bench, csv, count):
    with bench.folder() as folder:
        prepare_equal(bench, folder)
        cost = bench.measured(shell_argv(csv), folder)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "equal.db"))) as db:
            found = db.execute("SELECT count(*), sum(email LIKE 'bench%') FROM job").fetchone()
        if found != (count, count):
            raise work.Wrong(f".import: {found} instead of {count} rows")
        return cost


def import_by_engine(bench, csv, count):
    with bench.folder() as folder:
        cost = bench.measured(bench.import_argv(csv), folder)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "remesa.db"))) as db:
            found = db.execute("SELECT count(*) FROM job WHERE state = 'queued' AND ready = 1").fetchone()
        if found != (count,):
            raise work.Wrong(f"import: {found} instead of {count} rows")
        return cost


def import_(bench):
    rows = 20_000 if bench.quick else 1_000_000
    with bench.folder() as folder:
        csv = os.path.join(folder, "rows.csv")
        write = {"remesa import": lambda: import_by_engine(bench, csv, rows),
                 "sqlite3 .import": lambda: import_by_shell(bench, csv, rows)}
        work.write_csv(csv, rows)
        costs = work.in_turns(2 if bench.quick else 3, write)
    ours, base = costs["remesa import"], costs["sqlite3 .import"]
    peak = max(cost.peak_mib for cost in ours)
    return {
        "title": f"{rows:,} rows from a CSV",
        "how": "The same file by `remesa import` (read, judged, hashed, refused as a whole if anything is wrong) and by the "
               "sqlite3 shell's `.import`, one transaction, WAL, FULL, on the disk, into a table with the same indexes, in "
               "which a constant stands for each column that `.import` cannot fill.",
        "columns": ["", "seconds", "rows/s", "CPU s", "peak MiB"],
        "rows": [[name, f"{work.median(each, 'seconds'):.2f}", f"{rows / work.median(each, 'seconds'):,.0f}",
                  f"{work.median(each, 'cpu'):.2f}", f"{work.median(each, 'peak_mib'):.1f}"] for name, each in costs.items()],
        "goals": [goal("time beside sqlite3's .import:", work.median(ours, "seconds") / work.median(base, "seconds"), 2,
                       at_least=False),
                  {"goal": "peak memory of the import below 64 MiB", "measured": f"{peak:.1f} MiB", "held": peak < 64}],
        "notes": [f"CPU: {work.median(ours, 'cpu') / work.median(base, 'cpu'):.2f} x."],
    }


# ---- many that wait ----

STOPPED = 75  # exit status of a run that ends by --max-duration
SLOW = 500  # a second: so that the smallest queue lasts for all the runs


def forget_pages(folder):
    """The database leaves the system's cache, as after a start of the machine."""
    os.sync()
    for name in os.listdir(folder):
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def short_run(bench, folder, rate, good=(STOPPED,)):
    return bench.measured(bench.run_argv(how=bench.server.LOGGED, rate=rate, max_duration="2s"), folder, good)


def first_request(bench, folder, cold):
    """What a run cost, and the milliseconds from its start to its first request."""
    if cold:
        forget_pages(folder)
    bench.server.arrivals()
    cost = short_run(bench, folder, SLOW)
    return cost, (bench.server.arrivals()[0] - cost.at_us) / 1000


def start_runs(bench, folder):
    warm, cold = ([first_request(bench, folder, is_cold) for _ in range(3)] for is_cold in (False, True))
    fast = short_run(bench, folder, 0, (0, STOPPED))
    return {"warm": statistics.median(ms for _, ms in warm), "cold": statistics.median(ms for _, ms in cold),
            "slowest": max(ms for _, ms in warm + cold), "rate": fast.served / fast.seconds,
            "run_mib": max(cost.peak_mib for cost in [fast, *(cost for cost, _ in warm + cold)])}


def queue_of(bench, folder, rows):
    cost = bench.import_rows(folder, rows)
    size = os.path.getsize(os.path.join(folder, "remesa.db")) / 2 ** 30
    work.tell(f"  {rows:,} rows: imported in {cost.seconds:.1f} s, {cost.peak_mib:.1f} MiB; {size:.2f} GiB")
    found = {"rows": rows, "import_s": cost.seconds, "import_mib": cost.peak_mib, "gib": size, **start_runs(bench, folder)}
    work.tell(f"  {found}")
    return found


def largest(bench):
    return 100_000 if bench.quick else 10_000_000


def queue(bench):
    """The largest one stays, for done_rows."""
    sizes, found = [10_000] + ([] if bench.quick else [1_000_000]) + [largest(bench)], []
    for size in sizes[:-1]:
        with bench.folder() as small:
            found.append(queue_of(bench, small, size))
    found.append(queue_of(bench, bench.large_folder(), sizes[-1]))
    run, import_mib, slowest = (max(each[key] for each in found) for key in ("run_mib", "import_mib", "slowest"))
    return {
        "title": "a queue of any length",
        "how": f"Imported; then run for 2 s at {SLOW}/s, 3 times with the file in the system's cache and 3 times without, and "
               "once without a pace. The first request is timed from the start of the process, by the server's clock.",
        "columns": ["rows queued", "GiB", "import s", "import peak MiB", "first request, ms", "not cached, ms", "run peak MiB",
                    "requests/s, starting and ending included"],
        "rows": [[f"{each['rows']:,}", f"{each['gib']:.2f}", f"{each['import_s']:.1f}", f"{each['import_mib']:.1f}",
                  f"{each['warm']:.0f}", f"{each['cold']:.0f}", f"{each['run_mib']:.1f}", f"{each['rate']:,.0f}"]
                 for each in found],
        "goals": [{"goal": "peak memory of a run below 48 MiB at any size", "measured": f"{run:.1f} MiB", "held": run < 48},
                  {"goal": "peak memory of an import below 64 MiB at any size", "measured": f"{import_mib:.1f} MiB",
                   "held": import_mib < 64},
                  {"goal": f"first request within a second with {sizes[-1]:,} rows queued",
                   "measured": f"slowest {slowest:.0f} ms", "held": slowest < 1000}],
    }


# ---- many that are done ----

# Made like a job that the engine has done itself. Its triggers are for those who change a job; they are taken off for this
# and put back word for word.
FINISH_ATTEMPTS = """
INSERT INTO attempt (job_id, number, run_id, opened_at, closed_at, outcome, sends, http_status, transport_code, elapsed_us,
                     request_id)
SELECT j.id, 1, a.run_id, a.opened_at, a.closed_at, a.outcome, a.sends, a.http_status, a.transport_code, a.elapsed_us,
       a.request_id
FROM job j, attempt a WHERE a.id = :attempt AND j.id BETWEEN :first AND :last AND j.state = 'queued'
"""
FINISH_JOBS = """
UPDATE job SET state = d.state, ready = d.ready, attempts = d.attempts, remote_id = 'r' || job.id, http_status = d.http_status,
    answer = replace(d.answer, d.params ->> 'email', job.params ->> 'email'), finished_at = d.finished_at
FROM job d WHERE d.id = :done AND job.id BETWEEN :first AND :last AND job.state = 'queued'
"""
PORTION = 500_000


def finish_all(path):
    """Every queued row becomes done; how many are."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        done, attempt = db.execute("SELECT j.id, a.id FROM job j JOIN attempt a ON a.job_id = j.id "
                                   "WHERE j.state = 'succeeded' LIMIT 1").fetchone()
        last, = db.execute("SELECT max(id) FROM job").fetchone()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for first in range(1, last + 1, PORTION):
            values = {"first": first, "last": first + PORTION - 1, "done": done, "attempt": attempt}
            db.execute("BEGIN")
            db.execute(FINISH_ATTEMPTS, values)
            db.execute(FINISH_JOBS, values)
            db.execute("COMMIT")
        for _, text in triggers:
            db.execute(text)
        if set(db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")) != set(triggers):
            raise work.Wrong("the triggers did not come back as they were")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return db.execute("SELECT count(*) FROM job j WHERE state = 'succeeded' AND EXISTS "
                          "(SELECT 1 FROM attempt WHERE job_id = j.id)").fetchone()[0]


def done_rows(bench):
    rows, large, folder = 2000 if bench.quick else 20000, largest(bench), bench.large_folder()
    path = os.path.join(folder, "remesa.db")
    if not os.path.exists(path):  # the item queue was not wanted
        bench.import_rows(folder, large)
        short_run(bench, folder, SLOW)
    done = finish_all(path)
    if done < large:
        raise work.Wrong(f"{done} rows are done, not {large}")
    work.tell(f"  {done:,} rows are done; {os.path.getsize(path) / 2 ** 30:.2f} GiB")
    imports, at = [], [large]  # refs that nobody has had yet

    def on_the_full():
        at[0] += rows
        imports.append(bench.import_rows(folder, rows, at[0]))
        return bench.run_all(folder, rows)

    costs = work.in_turns(2 if bench.quick else 5, {"none": lambda: bench.engine(rows), f"{done:,}": on_the_full})
    empty, full = costs["none"], costs[f"{done:,}"]
    more = cpu_us(full) / cpu_us(empty) - 1
    return {
        "title": "CPU per job with very many done before",
        "how": f"{rows:,} rows, no pace, {work.CONNECTIONS} connections, on the disk. The full file was imported by the "
               "engine, which did some of it; the rest was made done by SQL after the pattern of such a job, with its attempt and its "
               "answer, the triggers taken off meanwhile and put back word for word.",
        "columns": ["rows done in the file", "requests/s", "CPU µs/job", "peak MiB"],
        "rows": [[name, f"{rate(each):,.0f}", f"{cpu_us(each):.1f}", f"{work.median(each, 'peak_mib'):.1f}"]
                 for name, each in costs.items()],
        "goals": [{"goal": f"CPU per job within 15 % with {large:,} rows done", "measured": f"{more * 100:+.0f} %",
                   "held": abs(more) <= 0.15}],
        "notes": [f"The file has {os.path.getsize(path) / 2 ** 30:.1f} GiB. Importing {rows:,} rows into it takes "
                  f"{work.median(imports, 'seconds'):.2f} s."],
    }

"""What a decent programmer writes first: asyncio, aiohttp, and every intent and outcome durable in sqlite3.

    rival_aiohttp.py URL DB CONNECTIONS [--queue N]     with --queue the rows are only put in

Group commit: whatever the workers want written while one transaction is on its way goes into the next, in a thread, so
that the loop goes on. A worker writes the outcome of its last job and the intent of its next in one go. WAL, FULL."""
import asyncio
import contextlib
import json
import sqlite3
import sys

import aiohttp

KEY = "5d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2"
JSON_API = "application/vnd.api+json"
HEADERS = {"Authorization": KEY, "Version": "2.1", "Accept": JSON_API, "Content-Type": JSON_API}
SCHEMA = """
CREATE TABLE job (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, email TEXT NOT NULL, state TEXT NOT NULL,
                  remote_id TEXT, answer TEXT, http_status INTEGER);
CREATE INDEX job_state ON job (state);
CREATE TABLE attempt (id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL UNIQUE REFERENCES job (id),
                      opened_at TEXT NOT NULL, closed_at TEXT, http_status INTEGER);
"""
NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
INTENT = [f"INSERT INTO attempt (job_id, opened_at) VALUES (:id, {NOW})", "UPDATE job SET state = 'sending' WHERE id = :id"]
OUTCOME = [f"UPDATE attempt SET closed_at = {NOW}, http_status = :status WHERE job_id = :id",
           "UPDATE job SET state = :state, remote_id = :remote_id, answer = :answer, http_status = :status WHERE id = :id"]


def connect(path):
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def queue(path, count):
    with contextlib.closing(connect(path)) as db:
        db.executescript(SCHEMA)
        db.execute("BEGIN")
        db.executemany("INSERT INTO job (ref, email, state) VALUES (?, ?, 'queued')",
                       ((f"user-{n:08}", f"bench+{n:08}@payer.example") for n in range(count)))
        db.execute("COMMIT")


class Journal:
    def __init__(self, db):
        self.db, self.wanted, self.work, self.more = db, [], [], asyncio.Event()

    async def write(self, statements):
        """Returns when they are on the disk."""
        done = asyncio.get_running_loop().create_future()
        self.wanted.append((statements, done))
        self.more.set()
        await done

    def commit(self, batch):
        self.db.execute("BEGIN")
        for statements, _ in batch:
            for texts, values in statements:
                for text in texts:
                    self.db.execute(text, values)
        self.db.execute("COMMIT")

    async def serve(self):
        loop = asyncio.get_running_loop()
        while True:
            await self.more.wait()
            self.more.clear()
            batch, self.wanted = self.wanted, []
            if batch:
                await loop.run_in_executor(None, self.commit, batch)
            for _, done in batch:
                done.set_result(None)


async def post(session, url, job, address):
    document = {"data": {"type": "users", "attributes": {"email": address}}}
    async with session.post(url, data=json.dumps(document, separators=(",", ":"))) as answer:
        text = await answer.text()
        data = json.loads(text)["data"]
        good = answer.status == 200 and data["attributes"]["email"] == address
        return {"id": job, "state": "succeeded" if good else "failed", "remote_id": data["id"], "answer": text,
                "status": answer.status}


async def work(session, url, journal, jobs):
    last = []
    for job, address in jobs:
        await journal.write([*last, (INTENT, {"id": job})])
        last = [(OUTCOME, await post(session, url, job, address))]
    await journal.write(last)


async def run(url, path, connections):
    with contextlib.closing(connect(path)) as db:
        jobs = iter(db.execute("SELECT id, email FROM job WHERE state = 'queued' ORDER BY id").fetchall())
        journal = Journal(db)
        server = asyncio.create_task(journal.serve())
        connector = aiohttp.TCPConnector(limit=connections)
        async with aiohttp.ClientSession(connector=connector, headers=HEADERS, trust_env=False) as session:
            await asyncio.gather(*(work(session, url, journal, jobs) for _ in range(connections)))
        server.cancel()
        left, = db.execute("SELECT count(*) FROM job WHERE state <> 'succeeded'").fetchone()
        return 1 if left else 0


if __name__ == "__main__":
    if "--queue" in sys.argv:
        queue(sys.argv[2], int(sys.argv[5]))
    else:
        sys.exit(asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]))))

"""Sees the judges of the benchmark judge: what holds, and what must not. run.sh begins with it."""
import pathlib
import sqlite3
import sys
import unittest

import item_instructions
import item_load
import item_queue
import item_speed
import work

MIGRATIONS = pathlib.Path(__file__).resolve().parent.parent / "migrations"


def evenly(limit, seconds, interval=1.0):
    return [round(number * interval / limit * 1e6) for number in range(limit * seconds)]


def cost(seconds, cpu, served=1000):
    return work.Cost(0, seconds, cpu, cpu, 0, 10, served, 0)


def held(goals):
    return [goal["held"] for goal in goals]


class Pace(unittest.TestCase):
    def judged(self, arrivals, limit):
        return held(item_load.judge_pace(arrivals, limit)["goals"])

    def test_exactly_the_limit_holds(self):
        for limit in item_load.PACES:
            self.assertEqual(self.judged(evenly(limit, 20), limit), [True, True])

    def test_one_microsecond_early_is_over(self):
        arrivals = evenly(50, 20)
        arrivals[500] -= 1
        self.assertEqual(self.judged(arrivals, 50), [False, True])

    def test_each_start_over_is_counted(self):
        self.assertEqual(item_load.starts_over([0, 0, 0, 0, 0, 0, 0, 1_000_000], 5), 2)

    def test_the_most_in_a_second_has_an_open_end(self):
        self.assertEqual(item_load.most_in_a_second([0, 400_000, 1_000_000, 1_300_000]), 3)

    def test_two_in_a_hundred_unused_do_not_hold(self):
        self.assertEqual(self.judged(evenly(50, 20, 1.02), 50), [True, False])

    def test_the_order_of_the_list_does_not_matter(self):
        self.assertEqual(self.judged(evenly(50, 20)[::-1], 50), [True, True])


class Import(unittest.TestCase):
    def test_the_other_table_has_every_index_of_ours(self):
        ours, other = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
        for migration in sorted(MIGRATIONS.glob("*.sql")):
            ours.executescript(migration.read_text(encoding="utf-8"))
        item_queue.make_equal(other, item_queue.indexes_of_jobs(ours))
        self.assertEqual(len(item_queue.indexes_of_jobs(ours)), len(item_queue.indexes_of_jobs(other)))


class Speed(unittest.TestCase):
    def goals(self, ours, base, parallel, aiohttp):
        return held(item_speed.goals({item_speed.ENGINE: [ours], item_speed.LIBCURL: [base], item_speed.PARALLEL: [parallel],
                                      item_speed.AIOHTTP: [aiohttp]}))

    def test_good_enough_everywhere(self):
        self.assertEqual(self.goals(cost(1, 1.5), cost(0.71, 1), cost(2.6, 1), cost(6.1, 9)), [True] * 4)

    def test_each_goal_can_be_missed(self):
        self.assertEqual(self.goals(cost(1, 1.7), cost(0.69, 1), cost(2.4, 1), cost(5.9, 9)), [False] * 4)

    def test_one_slow_turn_does_not_make_the_median(self):
        self.assertEqual(item_speed.rate([cost(1, 1), cost(1, 1), cost(50, 1)]), 1000)

    def test_a_slow_turn_is_compared_with_itself(self):
        ours, theirs = [cost(1, 1), cost(9, 9), cost(1, 1)], [cost(2, 2), cost(18, 18), cost(90, 90)]
        self.assertEqual(item_speed.beside(item_speed.cpu_us, ours, theirs), 0.5)
        self.assertEqual(item_speed.beside(item_speed.rate, ours, theirs), 2)

    def test_a_sync_is_counted(self):
        self.assertEqual(item_speed.syscall_row("x", {"read": 10, "fdatasync": 3, "fsync": 2}, 10)[1:3], ["1.50", "0.5000"])


class Rest(unittest.TestCase):
    def test_spread(self):
        self.assertAlmostEqual(item_load.spread([100, 115, 110]), 0.15)

    def test_spread_within_turns(self):
        costs = {8: [cost(1, 1), cost(1, 2), cost(1, 4)], 64: [cost(1, 3), cost(1, 2.2), cost(1, 4.4)]}
        self.assertAlmostEqual(item_load.spread_of_turns(costs), 0.1)

    def test_indexes_with_constants(self):
        self.assertEqual(item_queue.equal_index("CREATE INDEX job_batch ON job (batch_id, ref) WHERE state = 'ready'"),
                         "CREATE INDEX job_batch ON job ((+1), ref) WHERE ('queued' || '') = 'ready'")

    def test_functions_of_callgrind(self):
        found = item_instructions.read_functions(
            "1,234,567 (100.0%)  PROGRAM TOTALS\n"
            "1,000 ( 9.00%)  ./a/b.c:memset [/usr/lib/libc.so.6]\n"
            "  900 ( 8.00%)  ???:sqlite3Step [/usr/lib/libsqlite3.so.0]\n  100 ( 1.00%)  ./a/c.c:memset [/usr/lib/libc.so.6]\n")
        self.assertEqual(found, {("memset", "libc.so.6"): 1100, ("sqlite3Step", "libsqlite3.so.0"): 900})


if __name__ == "__main__":
    sys.argv = [sys.argv[0]]
    unittest.main()

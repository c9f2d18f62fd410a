"""A database that was put back from a backup would pay again whatever it has forgotten. The mark beside it tells; nothing
is sent until a person has accepted it, and then nothing that the API's lists show is sent again."""
import os
import shutil

import night
from night import BAD_CONFIG, NOT_FINAL, OK, SOME_IN_DOUBT, USAGE, make_payees, rows

QUICK = {"find_first": "40ms", "find_tries": 2, "settle_time": "150ms", "concurrency": 4}


class Restore(night.Night):
    def begin(self, payees=3, **more):
        self.text = make_payees(payees, seed=5)
        self.write("payees.csv", self.text)
        self.sandbox("--seed", "5", **more)

    def pay(self, *files, **changed):
        return self.run_it(*files, **{**QUICK, **changed})

    def doctor(self, *options):
        return self.remesa("doctor", *options, *self.settings(**QUICK))

    def copy_of_all(self, name):
        """As a backup of the database alone, made while nothing runs."""
        shutil.copyfile(self.db, self.path(name))

    def put_back(self, name):
        """Written over, as `cp` does: the file keeps its number, only the content is old."""
        for rest in "-wal", "-shm":
            if os.path.exists(self.db + rest):
                os.unlink(self.db + rest)
        shutil.copyfile(self.path(name), self.db)

    def assert_refused(self, ended, *words):
        self.assert_status(BAD_CONFIG, ended)
        for word in words:
            self.assertIn(word, ended.err)

    def effects(self):
        return len(self.box.effects())

    def restored_night(self):
        """Backup after the import, then the night, then the backup is put back."""
        self.begin()
        self.assertEqual(OK, self.remesa("import", "payees.csv", "--db", self.db).status)
        self.copy_of_all("backup.db")
        self.assert_status(NOT_FINAL, self.pay())
        self.put_back("backup.db")

    def another_world(self):
        """In which nothing has happened."""
        self.box.close()
        for name in os.listdir(self.folder):
            if name.startswith("ledger.db"):
                os.unlink(self.path(name))
        self.sandbox()

    def test_a_backup_that_was_put_back_sends_nothing(self):
        self.restored_night()
        calls = len(self.box.calls())
        self.assert_refused(self.pay(), "a backup was put back", "doctor --accept-restore", "9 in 1")
        self.assert_refused(self.pay("payees.csv"), "a backup was put back")
        self.assertEqual(calls, len(self.box.calls()))
        self.assertEqual({"queued": 9}, self.states())

    def test_what_had_been_sent_is_found_and_not_sent_again(self):
        self.restored_night()
        ended = self.doctor("--accept-restore")
        self.assertIn("9 jobs may have been sent", ended.out)
        self.assert_status(NOT_FINAL, ended)
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        self.assertEqual({"succeeded": 6, "following": 3}, self.states())
        self.assertEqual(9, self.effects())
        self.assertEqual(9, len(self.box.calls()))
        found = rows(self.db, "SELECT count(*) FROM look_up WHERE outcome = 'found'")
        self.assertEqual([(9,)], found)

    def test_the_doctor_sends_nothing(self):
        self.begin()
        self.remesa("import", "payees.csv", "--db", self.db)
        self.copy_of_all("backup.db")
        self.assert_status(NOT_FINAL, self.pay())
        self.put_back("backup.db")
        self.another_world()
        self.doctor("--accept-restore")
        self.assertEqual([], self.box.calls())
        absent = rows(self.db, "SELECT count(DISTINCT job_id) FROM look_up WHERE outcome = 'absent'")
        self.assertEqual([(3,)], absent)  # the users; what needs them cannot have been sent then
        self.assertEqual([(0,)], rows(self.db, "SELECT count(*) FROM job WHERE suspect IS NOT NULL"))
        self.assert_status(NOT_FINAL, self.pay())
        self.assertEqual(9, self.effects())

    def test_half_a_night_was_lost(self):
        self.begin(6)
        self.assert_status(night.STOPPED, self.pay("payees.csv", rate=50, max_duration="200ms"))
        before = self.effects()
        self.assertGreater(before, 0)
        self.copy_of_all("backup.db")
        self.assert_status(NOT_FINAL, self.pay())
        self.assertEqual(18, self.effects())
        self.put_back("backup.db")
        self.assert_refused(self.pay(), "a backup was put back")
        self.doctor("--accept-restore")
        self.assert_status(NOT_FINAL, self.pay())
        self.assertEqual(18, self.effects())
        self.assertEqual({"succeeded": 12, "following": 6}, self.states())

    def test_without_look_ups_a_person_is_asked_for_each(self):
        self.restored_night()
        QUIET = {**QUICK, "find_first": "0s"}
        self.remesa("doctor", "--accept-restore", *self.settings(**QUIET))
        ended = self.run_it(**QUIET)
        self.assert_status(SOME_IN_DOUBT, ended)
        self.assertEqual({"in_doubt": 3, "queued": 6}, self.states())
        self.assertEqual(9, self.effects())
        (known,), *_ = rows(self.db, "SELECT known FROM doubts")
        self.assertIn("put back or copied", known)

    def test_a_batch_that_the_backup_does_not_know_is_looked_up_when_it_comes_again(self):
        self.begin(2)
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        self.copy_of_all("backup.db")
        second = make_payees(2, seed=6, first=2)
        self.write("second.csv", second)
        self.assert_status(NOT_FINAL, self.pay("second.csv"))
        self.put_back("backup.db")
        ended = self.doctor("--accept-restore")
        self.assertIn("second.csv", ended.out)
        self.assertEqual([("second.csv",)], rows(self.db, "SELECT name FROM lost_batches"))
        # renamed, and yet suspected: something is still missing
        os.rename(self.path("second.csv"), self.path("renamed.csv"))
        self.assert_status(NOT_FINAL, self.pay("renamed.csv"))
        self.assertEqual(12, self.effects())
        self.assert_agree(self.text, second)

    def test_a_copy_without_its_mark(self):
        self.restored_night()
        os.mkdir(self.path("elsewhere"))
        copy = self.path("elsewhere/night.db")
        self.assert_status(BAD_CONFIG, self.pay())
        self.doctor("--accept-restore")
        shutil.copyfile(self.db, copy)
        ended = self.remesa("run", *self.settings(**QUICK), "--db", copy)
        self.assert_refused(ended, "is not there", "--accept-move")

    def test_a_copy_of_everything(self):
        self.begin()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        os.mkdir(self.path("elsewhere"))
        for suffix in "", "-mark":
            shutil.copyfile(self.db + suffix, self.path("elsewhere/night.db" + suffix))
        there = "--db", self.path("elsewhere/night.db")
        self.assert_refused(self.remesa("run", *self.settings(**QUICK), *there), "another place", "--accept-move")
        moved = self.remesa("doctor", "--accept-move", *there)
        self.assert_status(OK, moved)
        self.assert_status(NOT_FINAL, self.remesa("run", *self.settings(**QUICK), *there))
        self.assert_status(NOT_FINAL, self.pay())  # the first one is where it was
        self.assertEqual(9, self.effects())

    def test_a_move_is_not_accepted_for_what_is_behind(self):
        self.restored_night()
        self.assert_refused(self.doctor("--accept-move"), "a backup was put back")

    def test_another_database_in_its_place(self):
        self.begin()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        for rest in "", "-wal", "-shm", "-lock":
            if os.path.exists(self.db + rest):
                os.unlink(self.db + rest)
        self.assert_refused(self.pay("payees.csv"), "of another database", "9 attempts", "remove the mark")
        self.assertEqual(9, self.effects())
        self.doctor("--accept-restore")
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        self.assertEqual(9, self.effects())

    def test_a_mark_that_cannot_be_read(self):
        self.begin()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        for text in "", "remesa mark 2\n", "rubbish", "remesa mark 1\ndatabase x\n":
            self.write(os.path.basename(self.db) + "-mark", text)
            ended = self.pay()
            self.assertEqual(night.BAD_INPUT, ended.status, ended)
            self.assertIn("-mark: it is not a mark", ended.err)

    def test_where_nothing_is_wrong_there_is_nothing_to_accept(self):
        self.begin()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        for option in "--accept-move", "--accept-restore":
            self.assert_status(USAGE, self.doctor(option))

    def test_killed_runs_fit_their_mark(self):
        self.begin(8)
        for _ in range(4):
            running = self.start("run", "payees.csv", *self.settings(rate=40, **QUICK))
            self.wait_until(lambda: not running.is_running() or len(self.box.calls()) >= 3, "a request")
            running.kill()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        self.assertEqual(24, self.effects())

    def test_the_mark_is_kept_up_while_it_runs(self):
        """A run that dies leaves one that knows of its attempts."""
        self.begin(40)
        self.remesa("import", "payees.csv", "--db", self.db)
        running = self.start("run", *self.settings(rate=20, **QUICK))
        self.wait_until(lambda: self.mark()["attempt"] >= 10, "a mark that moves")
        self.assertTrue(running.is_running())
        sent = len(self.box.calls())
        self.assertLessEqual(self.mark()["attempt"], sent + 4)
        running.kill()

    def mark(self):
        with open(self.db + "-mark", encoding="utf-8") as f:
            lines = [line.split() for line in f.readlines()[2:]]
        return {name: int(value) for name, value, *_ in lines if value.isdigit()}

    def test_the_doctor_tells(self):
        self.begin()
        self.assert_status(NOT_FINAL, self.pay("payees.csv"))
        well = self.doctor()
        self.assert_status(OK, well)
        self.assertEqual({"ok"}, {line.split()[0] for line in well.out.splitlines()})
        self.copy_of_all("backup.db")
        self.pay()
        self.put_back("backup.db")
        ill = self.doctor()
        self.assert_status(1, ill)
        self.assertIn("BAD   mark", ill.out)
        with open(self.db, "r+b") as f:  # a page of an index or a table, zeroed
            f.seek(4096 * 5)
            f.write(bytes(4096))
        self.assertIn("BAD   database", self.doctor().out)


if __name__ == "__main__":
    night.main()

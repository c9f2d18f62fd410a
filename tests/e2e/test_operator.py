"""What the person at the keyboard relies on: a key that others could read is refused, no setting is guessed, what a
program reads is JSON, what a terminal shows is one line, the pace is held, and the files are one's own."""
import fcntl
import json
import os
import pty
import re
import stat
import struct
import termios
import threading
import time

import night
from night import BAD_CONFIG, BAD_INPUT, NO_INPUT, NOT_FINAL, OK, REFUSED, SOME_IN_DOUBT, STOPPED, UNAVAILABLE, USAGE, \
    make_payees, rows

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # all but the line end


class Words(night.Night):
    """What a person reads: one job is not jobs, and two are."""

    COUNTED = re.compile(r"(?<![-0-9.,:])(\d+) (?:new |known |held |queued |sent )?"
                         r"((?:new_|known_)?(?:job|request|payee|row|hold|batch|payment)(?:es|s)?)( is| are| has| have|)\b")

    def said(self, *args):
        ended = self.remesa(*args)
        self.assertNotIn(ended.status, (USAGE, BAD_CONFIG), ended)
        return ended.out + ended.err

    def story(self, count):
        """One or two of each thing that is counted."""
        self.forget()
        self.sandbox("--fault", "POST /cash_withdrawals:422:1")
        text = make_payees(count)
        self.write("payees.csv", text)
        self.write("first.csv", night.csv_text(night.csv_rows(text)[:count]))
        refs = [f"payout-{i:04}" for i in range(count)]
        yield self.said("check", "payees.csv")
        yield self.said("plan", "payees.csv")
        yield self.said("import", "first.csv")
        yield self.said("import", "first.csv")
        yield self.said("import", "payees.csv")
        yield self.said("plan", "--estimate")
        yield self.said("run", *self.settings())  # the payouts fail
        yield self.said("plan", *self.settings())
        yield self.said("retry", *refs)
        yield self.said("cancel", *refs)
        yield self.said("status")
        yield self.said("audit")

    def test_one_and_two(self):
        found = {True: set(), False: set()}
        for count in 1, 2:
            for said in self.story(count):
                for n, word, verb in self.COUNTED.findall(said):
                    found[n == "1"].add((word, verb.strip()))
                    with self.subTest(said):
                        self.assertEqual(n == "1", not word.endswith("s"))
                        self.assertIn(verb.strip(), ("", "is", "has") if n == "1" else ("", "are", "have"))
        for word in "job", "request", "new_payee", "payment":
            self.assertIn(word, {w for w, _ in found[True]})
            self.assertIn(f"{word}s", {w for w, _ in found[False]})


class Key(night.Night):
    def setUp(self):
        super().setUp()
        self.sandbox()
        self.write("payees.csv", make_payees(1))

    def refuse(self, status, text, **changed):
        ended = self.assert_status(status, self.run_it("payees.csv", **changed))
        self.assertIn(text, ended.err)
        self.assertEqual([], self.box.calls())
        return ended

    def test_a_key_that_others_could_read_or_change(self):
        for mode in (0o644, 0o640, 0o604, 0o660, 0o602, 0o610):
            with self.subTest(oct(mode)):
                os.chmod(self.path("key"), mode)
                self.refuse(REFUSED, "key: others may read or change it: chmod 600 key")

    def test_a_key_file_that_is_none(self):
        os.symlink("key", self.path("link"))
        os.mkfifo(self.path("fifo"), 0o600)
        os.mkdir(self.path("folder"), 0o700)
        self.write("empty", "", 0o600)
        self.write("blank", "\n", 0o600)
        self.write("two words", "not a key\n", 0o600)
        self.write("header", "12345678; user=1\n", 0o600)
        self.write("long", "k" * 5000, 0o600)
        for name, status, text in (("gone", NO_INPUT, "gone: no such file"),
                                   ("link", REFUSED, "link: a symbolic link"),
                                   ("fifo", BAD_CONFIG, "fifo: not a regular file"),
                                   ("folder", BAD_CONFIG, "folder: not a regular file"),
                                   ("empty", BAD_CONFIG, "empty: empty"),
                                   ("blank", BAD_CONFIG, "blank: empty"),
                                   ("two words", BAD_CONFIG, "is no API key"),
                                   ("header", BAD_CONFIG, "is no API key"),
                                   ("long", BAD_CONFIG, "too long")):
            with self.subTest(name):
                ended = self.refuse(status, text, api_key_file=name)
                for secret in "not a key", "12345678", "kkkkkkkk":
                    self.assertNotIn(secret, ended.err)
        os.rmdir(self.path("folder"))

    def test_no_key_at_all(self):
        self.refuse(BAD_CONFIG, "--api-key-file FILE", api_key_file=None)

    def test_the_key_may_come_as_a_credential(self):
        os.mkdir(self.path("credentials"), 0o700)
        self.write("credentials/api_key", night.KEY, 0o400)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", api_key_file=None,
                                                  env={"CREDENTIALS_DIRECTORY": self.path("credentials")}))

    def test_the_key_itself_is_taken_from_nowhere_else(self):
        self.refuse_words(self.remesa("run", "--api-key", night.KEY), USAGE)
        self.refuse_words(self.remesa("run", env={"REMESA_API_KEY": night.KEY}), BAD_CONFIG)
        self.write("remesa.conf", f"api_key = {night.KEY}\n")
        self.refuse_words(self.remesa("run"), BAD_CONFIG)

    def refuse_words(self, ended, status):
        self.assert_status(status, ended)
        self.assertNotIn(night.KEY, ended.err)

    def test_a_wrong_key(self):
        self.write("other", "another-key-altogether\n", 0o600)
        ended = self.assert_status(REFUSED, self.run_it("payees.csv", api_key_file="other"))
        self.assertIn("Invalid Api Key", ended.err)
        self.assertEqual({"queued": 3}, self.states())


class Settings(night.Night):
    def setUp(self):
        super().setUp()
        self.write("payees.csv", make_payees(1))

    def test_addresses_that_are_not_contacted(self):
        """http leaves this machine never: the key would go in the clear."""
        for url in ("http://192.0.2.1/api", "http://bitex.la/api", "ftp://127.0.0.1/api", "http://127.0.0.1.example/api",
                    "file:///etc/passwd", "http://127.0.0.1:99999/api", "http://u:p@127.0.0.1/api", "//127.0.0.1/api",
                    "https://bitex.la/api?x=y", "https://bitex.la/../api", "https://bitex.la/api#x", "rubbish", ""):
            with self.subTest(url):
                started = time.monotonic()
                ended = self.assert_status(BAD_CONFIG, self.run_it("payees.csv", url=url or " "))
                self.assertIn("base_url", ended.err)
                self.assertLess(time.monotonic() - started, 8)
                self.assertFalse(os.path.exists(self.db), "refused before the file is taken in")

    def test_a_server_without_a_good_certificate_gets_nothing(self):
        self.sandbox()  # speaks no TLS at all
        url = self.box.url.replace("http:", "https:")
        self.assert_status(UNAVAILABLE, self.run_it("payees.csv", url=url, retry_limit=2))
        self.assertEqual({"queued": 3}, self.states())
        self.assertEqual([("not_sent", 0)], rows(self.db, "SELECT DISTINCT outcome, sends FROM attempts"))

    def test_a_bad_setting_is_told_where_it_stands(self):
        for name, value in (("rate", "fast"), ("rate", "-1"), ("rate", "5.0001"), ("concurrency", "0"),
                            ("concurrency", "1025"), ("timeout", "60"), ("timeout", "0s"), ("retry_limit", "0"),
                            ("stop_at", "25:00"), ("stop_at", "7:00"), ("max_duration", "soon"), ("paranoid", "maybe")):
            with self.subTest(name=name, value=value):
                if name != "paranoid":
                    ended = self.assert_status(USAGE, self.remesa("run", f"--{name.replace('_', '-')}", value))
                    self.assertIn(f"{name}: '{value}' is not", ended.err)
                ended = self.assert_status(BAD_CONFIG, self.remesa("run", env={f"REMESA_{name.upper()}": value}))
                self.assertIn(f"environment: {name}: '{value}' is not", ended.err)
                self.write("other.conf", f"# settings\n\n{name} = {value}\n")
                ended = self.assert_status(BAD_CONFIG, self.remesa("run", "--config", "other.conf"))
                self.assertIn(f"other.conf: line 3: {name}: '{value}' is not", ended.err)
        self.assertFalse(os.path.exists(self.db))

    def test_no_address_at_all(self):
        """In the environment it would pass for none, and there is no run without one."""
        self.write("one.csv", "ref,action,email\nu,create_user,u@payer.example\n")
        self.write("other.conf", "base_url =\n")
        for command in (("run", "one.csv"), ("plan", "one.csv"), ("import", "one.csv"), ("doctor",), ("doctor", "--reach"),
                        ("status",)):
            with self.subTest(command):
                ended = self.assert_status(BAD_CONFIG, self.remesa(*command, env={"REMESA_BASE_URL": ""}))
                self.assertIn("environment: base_url: '' is not an address such as", ended.err)
                ended = self.assert_status(BAD_CONFIG, self.remesa(*command, "--config", "other.conf"))
                self.assertIn("other.conf: line 1: base_url: '' is not an address", ended.err)
                self.assert_status(USAGE, self.remesa(*command, "--base-url", ""))
        self.assertFalse(os.path.exists(self.db))

    def test_hours_that_a_file_has_are_taken_back(self):
        """By a flag, by the environment, by another file; with nothing as the value."""
        self.write("one.csv", "ref,action,email\nu,create_user,u@payer.example\n")
        self.write("remesa.conf", "stop_at = 05:30\nquiet_hours = 01:00-02:00\n")
        self.write("other.conf", "stop_at =\nquiet_hours =\n")
        none = {"REMESA_STOP_AT": "", "REMESA_QUIET_HOURS": ""}
        for more, env, want in (([], {}, True), (["--stop-at", "", "--quiet-hours", ""], {}, False), ([], none, False),
                                (["--config", "other.conf"], {}, False), (["--stop-at", "06:30"], none, True)):
            with self.subTest(more, env=env):
                ended = self.assert_status(OK, self.remesa("plan", "one.csv", "--json", *more, env=env))
                self.assertEqual(want, json.loads(ended.out)["limit"] is not None)

    def test_a_file_that_is_no_configuration(self):
        for text, line, why in (("nonsense = 1\n", 1, "no such setting"), ("rate = 5\nrubbish\n", 2, "name = value"),
                                ("[section]\nrate = 5\n", 2, "no sections")):
            with self.subTest(text):
                self.write("remesa.conf", text)
                ended = self.assert_status(BAD_CONFIG, self.remesa("run"))
                self.assertIn(f"remesa.conf: line {line}:", ended.err)
                self.assertIn(why, ended.err)
        self.assert_status(NO_INPUT, self.remesa("run", "--config", "gone.conf"))

    def test_a_flag_wins_over_the_environment_and_that_over_the_file(self):
        self.sandbox()
        self.write("remesa.conf", f"base_url = http://127.0.0.1:1/api\napi_key_file = gone\nrate = 0\ndb = {self.db}\n")
        environment = {"REMESA_BASE_URL": "http://127.0.0.1:2/api", "REMESA_API_KEY_FILE": "key"}
        self.assert_status(NOT_FINAL, self.remesa("run", "payees.csv", "--base-url", self.box.url, env=environment))
        self.assertEqual([(self.box.url,)], rows(self.db, "SELECT base_url FROM run"))

    def test_commands_that_are_none(self):
        for args, text in (([], "usage: remesa COMMAND"), (["pay"], "no command 'pay'"), (["status", "x"], "no argument"),
                           (["show"], "remesa show REF"), (["actions", "nope"], "no action 'nope'"),
                           (["help", "pay"], "no command 'pay'")):
            with self.subTest(args):
                self.assertIn(text, self.assert_status(USAGE, self.remesa(*args)).err)
        for args in (["status"], ["show", "x"]):
            self.assert_status(NO_INPUT, self.remesa(*args))
        self.write("junk.db", "this is no database" * 1000)
        self.assert_status(BAD_INPUT, self.remesa("status", "--db", "junk.db"))
        self.assert_status(BAD_INPUT, self.remesa("import", "payees.csv", "--db", "junk.db"))
        self.assert_status(73, self.remesa("import", "payees.csv", "--db", "no/folder/x.db"))

    def test_help_and_version(self):
        for args in (["help"], ["help", "run"], ["run", "--help"], ["version"], ["--version"], ["actions"],
                     ["actions", "create_user"]):
            ended = self.assert_status(OK, self.remesa(*args))
            self.assertTrue(ended.out)
            self.assertEqual("", ended.err)
    def test_every_action_explains_itself_and_its_sample_is_a_good_file(self):
        listed = [line.split() for line in self.assert_status(OK, self.remesa("actions")).out.splitlines()]
        self.assertGreater(len(listed), 100)
        for name in (words[0] for words in listed):
            with self.subTest(name):
                ended = self.assert_status(OK, self.remesa("actions", name))
                self.assertEqual("", ended.err)
                self.assertTrue(ended.out.startswith(name + ": "))
                sample = ended.out.split("\nsample\n")[1]
                self.write("sample.csv", "".join(line[2:] + "\n" for line in sample.splitlines()))
                ended = self.assert_status(OK, self.remesa("check", "sample.csv"))
                self.assertIn("fine: 1 new job,", ended.out)

    def test_versions(self):
        version = self.remesa("version").out
        for library in "curl", "SQLite", "libuv":
            self.assertIn(library.lower(), version.lower(), "help says: versions of the program and its libraries")


class Talk(night.Night):
    def setUp(self):
        super().setUp()
        self.write("payees.csv", make_payees(6))

    def test_json_for_programs(self):
        self.sandbox("--fault", "POST /users:500:x1")
        ended = self.assert_status(SOME_IN_DOUBT, self.run_it("payees.csv", "--json", concurrency=1))
        got = json.loads(ended.out)
        self.assertLessEqual({"exit_status", "progress", "money", "failures", "doubts", "holds"}, set(got))
        self.assertEqual(SOME_IN_DOUBT, got["exit_status"])
        self.assertEqual({"batch": "payees.csv", "total": 18, "queued": 2, "held": 0, "sending": 0, "following": 5,
                          "in_doubt": 1, "succeeded": 10, "failed": 0, "skipped": 0, "cancelled": 0}, got["progress"][0])
        for row in got["money"]:
            self.assertEqual({"batch", "currency", "declared", "imported", "succeeded", "following", "in_doubt", "failed",
                              "returned", "waiting", "held"}, set(row))
            self.assertRegex(row["imported"], r"^\d+\.\d\d$", "money is text: a JSON number would become a double")
        self.assertEqual("user-0000", got["doubts"][0]["ref"])
        for line in ended.err.splitlines():
            self.assertEqual({"time", "level", "message"}, set(json.loads(line)))
        status = json.loads(self.assert_status(OK, self.remesa("status", "--json")).out)
        self.assertEqual({k: v for k, v in got.items() if k not in ("exit_status", "as_of")},
                         {k: v for k, v in status.items() if k != "as_of"})

    def test_json_of_one_job_and_of_the_actions(self):
        self.sandbox()
        self.run_it("payees.csv")
        got = json.loads(self.remesa("show", "payout-0000", "--json").out)
        self.assertEqual({"job", "needs", "attempts"}, set(got))
        self.assertEqual(("payout-0000", "following"), (got["job"][0]["ref"], got["job"][0]["state"]))
        self.assertEqual({"user-0000", "account-0000"}, {need["ref"] for need in got["needs"]})
        self.assertEqual([1], [attempt["sends"] for attempt in got["attempts"]])
        for action in json.loads(self.remesa("actions", "--json").out):
            self.assertLessEqual({"name", "summary", "columns"}, set(action))

    def test_quiet_says_nothing_when_all_is_well(self):
        self.sandbox()
        ended = self.assert_status(NOT_FINAL, self.run_it("payees.csv", "--quiet"))
        self.assertEqual(("", ""), (ended.out, ended.err))

    def test_quiet_says_what_went_wrong(self):
        self.sandbox("--fault", "* *:401:1")
        ended = self.assert_status(REFUSED, self.run_it("payees.csv", "--quiet"))
        self.assertIn("Invalid Api Key", ended.err)

    def test_verbose_tells_every_move(self):
        self.sandbox()
        said = self.run_it("payees.csv", "--verbose").err
        self.assertIn("user-0000: sending -> succeeded", said)
        self.assertIn("payout-0005: sending -> following", said)

    def test_no_control_characters_where_there_is_no_terminal(self):
        self.sandbox("--fault", "POST /users:500:x1")
        for args in (["--verbose"], ["--json"], []):
            ended = self.run_it("payees.csv", *args)
            self.assertIsNone(CONTROL.search(ended.out + ended.err), repr(ended))

    def test_control_characters_of_a_file_do_not_reach_the_terminal(self):
        self.write("evil.csv", "ref,action,email,\"x\x1b]0;y\x07\"\n"
                               "a\x1b[2J,create_user,\"x\r\ny\u202e\x9b31m@z\",\n")
        for command in "import", "check":
            ended = self.assert_status(BAD_INPUT, self.remesa(command, "evil.csv"))
            self.assertIsNone(CONTROL.search(ended.err), repr(ended.err))
            self.assertEqual([], [line for line in ended.err.splitlines() if "evil.csv" not in line])

    def on_terminal(self, columns, *args, **settings):
        """What comes out of a pseudo terminal; the exit status."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        got = bytearray()

        def read():
            while True:
                try:
                    got.extend(os.read(master, 65536))
                except OSError:
                    return
        reader = threading.Thread(target=read)
        reader.start()
        try:
            running = self.start("run", "payees.csv", *args, *self.settings(**settings), stderr=slave)
        finally:
            os.close(slave)
        status = running.wait().status
        reader.join(night.PATIENCE)
        os.close(master)
        return status, got.decode()

    def test_one_line_of_progress_on_a_terminal(self):
        self.sandbox("--latency", "100..200")
        status, said = self.on_terminal(60, concurrency=2)
        self.assertEqual(NOT_FINAL, status)
        drawn = [part.rstrip("\n") for part in said.replace("\r\n", "\n").split("\r") if "%" in part]
        self.assertGreater(len(drawn), 3, said)
        for line in drawn:
            self.assertRegex(line, r"^\d+/18  \d+%")
            shown = line.partition("\x1b[K")
            self.assertEqual("\x1b[K", shown[1], "each one wipes what is left of the line before")
            self.assertLess(len(shown[0]), 60)
        self.assertRegex(said, r"req/s")
        self.assertEqual({"\x1b[K"}, set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", said)))
        last = said.replace("\r\n", "\n").rsplit("\r", 1)[1]
        self.assertTrue(last.startswith("\x1b[K"), "the line is gone at the end")
        self.assertIn("18 requests in 0:0", last)

    def test_none_of_it_when_told_to_be_quiet(self):
        self.sandbox("--latency", "100..200")
        self.assertEqual((NOT_FINAL, ""), self.on_terminal(60, "--quiet", concurrency=2))

    def test_a_full_disk_under_stdout_is_not_success(self):
        self.sandbox()
        with open("/dev/full", "wb") as full:
            ended = self.remesa("run", "payees.csv", *self.settings(), stdout=full)
        self.assertEqual({"succeeded": 12, "following": 6}, self.states())
        self.assertNotEqual(OK, ended.status)
        self.assertIn("cannot write the results", ended.err)


class Limits(night.Night):
    def begin(self, payees, *options, **more):
        self.text = make_payees(payees)
        self.write("payees.csv", self.text)
        self.sandbox(*options, **more)

    def stop_and_go_on(self, ended):
        self.assert_status(STOPPED, ended)
        self.assertIn("the same command goes on", ended.err)
        self.assertEqual({"queued", "succeeded"}, set(self.states()) - {"following"})
        self.assert_agree(self.text)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assert_agree(self.text)

    def test_a_longest_time(self):
        self.begin(40)
        started = time.monotonic()
        ended = self.run_it("payees.csv", rate=20, max_duration="1500ms")
        self.assertLess(time.monotonic() - started, 20)
        self.assertLessEqual(len(self.box.calls()), 31)
        self.stop_and_go_on(ended)

    def test_a_time_of_the_day(self):
        """A clock that is a little before the next full minute, made by a time zone with seconds in it."""
        self.begin(60)
        now = int(time.time())
        east = (57 - now) % 60
        local = now + east  # seconds since 1970, if they were UTC
        stop_at = time.strftime("%H:%M", time.gmtime(local + 60))
        ended = self.run_it("payees.csv", rate=20, stop_at=stop_at, env={"TZ": f"XXX-00:00:{east:02}"})
        last_us = self.box.calls()[-1].at_us
        self.assertLess(last_us / 1e6 + east, local - local % 60 + 60 + 1)
        self.stop_and_go_on(ended)

    def test_a_time_of_the_day_that_is_past_is_tomorrow_s(self):
        self.begin(2)
        past = time.strftime("%H:%M", time.gmtime(time.time() - 120))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", stop_at=past, env={"TZ": "UTC0"}))

    def test_quiet_hours_that_come(self):
        self.begin(60)
        now = int(time.time())
        east = (52 - now) % 60  # eight seconds to begin in
        begin = now + east + 60
        hours = time.strftime("%H:%M", time.gmtime(begin)) + "-" + time.strftime("%H:%M", time.gmtime(begin + 7200))
        ended = self.run_it("payees.csv", rate=10, quiet_hours=hours, env={"TZ": f"XXX-00:00:{east:02}"})
        last_us = self.box.calls()[-1].at_us
        self.assertLess(last_us / 1e6 + east, begin - begin % 60 + 1)
        self.stop_and_go_on(ended)

    def test_in_quiet_hours_nothing_is_sent(self):
        """Also when they began yesterday: the other side of midnight is looked at too."""
        self.begin(2)
        now = time.time()
        began, ends = (time.strftime("%H:%M", time.gmtime(t)) for t in (now - 120, now + 4 * 3600))
        ended = self.run_it("payees.csv", quiet_hours=f"{began}-{ends}", env={"TZ": "UTC0"})
        self.assert_status(STOPPED, ended)
        self.assertIn(f"goes on after {ends}", ended.err)
        self.assertEqual(self.box.calls(), [])
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", quiet_hours=f"{ends}-{began}", env={"TZ": "UTC0"}))

    def test_the_pace_is_held_and_used(self):
        self.begin(25, "--latency", "1..30")
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", rate=20))
        times = [call.at_us for call in self.box.calls()]
        # A loaded machine reads a request late, and the next in time: the judge allows for that.
        close = [b - a for a, b in zip(times, times[20:]) if b - a < 950_000]
        self.assertEqual([], close, "more than 20 in a second")
        self.assertLess((times[-1] - times[0]) / 1e6, 74 / 20 * 1.6, "the pace was not used")

    def test_an_endpoint_s_own_pace_is_held_and_the_others_go_on(self):
        self.begin(12)
        slow = {"summary": "A user", "method": "POST", "path": "/users", "acts_as": "master", "type": "users",
                "attributes": {"email": {"type": "email"}}, "rate": "5"}
        self.write("slow.json", json.dumps({"create_user": slow}))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", rate=50, actions="slow.json"))
        users = [call.at_us for call in self.box.calls() if call.path.endswith("/users")]
        others = [call.at_us for call in self.box.calls() if not call.path.endswith("/users")]
        self.assertEqual((12, 24), (len(users), len(others)))
        self.assertEqual([], [b - a for a, b in zip(users, users[5:]) if b - a < 950_000], "more than 5 in a second")
        self.assertGreater(sum(at < users[-1] for at in others), 15, "the others waited for the last user")
        self.assert_agree(self.text)

    def test_the_pace_is_held_over_deaths(self):
        """A crash loop is no way around it: each start waits before its first request."""
        self.begin(25)
        for deaths in range(1, 7):
            running = self.start("run", "payees.csv", *self.settings(rate=2))
            self.wait_until(lambda: len(self.box.calls()) >= deaths or not running.is_running(), f"{deaths} requests")
            running.kill()
        self.assertLessEqual(self.box.stats()["peak_arrivals_per_second"], 2)
        self.assertGreaterEqual(len(self.box.calls()), 6)

    def test_the_pace_of_the_api_is_the_default(self):
        self.begin(6, rate=5)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", rate=None))
        stats = self.box.stats()
        self.assertEqual((0, 18), (stats["count_429"], stats["requests_total"]))


class Files(night.Night):
    def test_nobody_else_may_read_the_database(self):
        self.sandbox("--latency", "20..40")
        self.write("payees.csv", make_payees(20))
        running = self.start("run", "payees.csv", *self.settings(concurrency=2), umask=0)
        names = [self.db, self.db + "-wal", self.db + "-shm", self.db + "-lock"]
        self.wait_until(lambda: all(map(os.path.exists, names)) or not running.is_running(), "all files are there")
        for name in names:
            self.assertEqual(0o600, stat.S_IMODE(os.stat(name).st_mode), name)
        self.assert_status(NOT_FINAL, running.wait())
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.db).st_mode))

    def test_a_link_in_the_place_of_the_database_is_not_followed(self):
        self.write("payees.csv", make_payees(1))
        self.write("victim", "")
        for name in "remesa.db", "remesa.db-lock":
            with self.subTest(name):
                os.symlink("victim", self.path(name))
                self.assertNotEqual(OK, self.remesa("import", "payees.csv").status)
                self.assertEqual(0, os.path.getsize(self.path("victim")))
                self.forget()
                self.write("payees.csv", make_payees(1))
                self.write("victim", "")


if __name__ == "__main__":
    night.main()

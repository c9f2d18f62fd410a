"""What the README shows is what happens: its commands are taken out of it and run, word for word."""
import os
import subprocess
import time

import night
from night import OK, PATIENCE, rows

README = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir, "README.md")
MOST_LINES = 15


def example(heading):
    """The commands under a heading."""
    with open(README, encoding="utf-8") as f:
        section = f.read().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return section.split("\n```\n")[1]


class Readme(night.Night):
    def shell(self, commands, said=None, **settings):
        environment = self.environment({f"REMESA_{name.upper()}": value for name, value in settings.items()})
        environment["PATH"] = night.BIN + os.pathsep + environment["PATH"]
        return subprocess.run(["/bin/sh", "-euc", commands], cwd=self.folder, env=environment, input=said or "",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)

    def test_a_night(self):
        self.sandbox()
        os.unlink(self.path("key"))
        self.write("payees.csv", night.make_payees(2))
        ended = self.shell("set +e\n" + example("A night"), said=night.KEY + "\n", base_url=self.box.url,
                           stop_at=time.strftime("%H:%M", time.localtime(time.time() + 12 * 3600)))
        self.assertNotIn("error", ended.stdout)
        self.assertEqual({"succeeded": 4, "following": 2}, self.states(), ended.stdout)

    def test_an_endpoint_is_added_by_a_file_alone(self):
        commands = example("An endpoint that the catalogue has not")
        self.assertLessEqual(len(commands.splitlines()), MOST_LINES)
        self.sandbox("--fault", "POST /merchants/payments:commit-then-close:x1")
        self.assert_status(night.USAGE, self.remesa("actions", "create_payment"))
        ended = self.shell(commands, base_url=self.box.url, api_key_file="key", find_first="1ms")
        self.assertEqual(OK, ended.returncode, ended.stdout)
        effect, = self.box.effects()
        self.assertEqual([("sale-1", "succeeded", effect.remote_id)],
                         rows(self.db, "SELECT ref, state, remote_id FROM results"))
        self.assertEqual([("payments", "sale-1", "19.90")], self.box.rows("SELECT kind, reference, amount FROM effect"))
        self.assertEqual([("found",)], rows(self.db, "SELECT outcome FROM look_up"))


if __name__ == "__main__":
    night.main()

"""The library as another program uses it: library.c, which knows only the public header, against a sandbox."""
import os
import subprocess

import night
from night import SANITIZER, make_payees

PROGRAM = os.environ.get("REMESA_LIBRARY_PROGRAM", "")


class Library(night.Night):
    def run_program(self):
        done = subprocess.run([PROGRAM, self.box.url, self.path("key"), self.folder], cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=night.PATIENCE, check=False)
        self.assertIsNone(SANITIZER.search(done.stderr), done.stderr)
        return done

    def test_a_program_of_another(self):
        text = make_payees(30)
        self.write("payees.csv", text)
        self.write("bad.csv", "ref,action,email\nu,create_user,no mail\nv,create_usr,v@x.example\n")
        self.sandbox("--latency", "20..60")
        done = self.run_program()
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stdout, "a library does not print")
        self.assertEqual(90, len(self.box.effects()))
        self.assert_agree(text)

    def test_it_can_fail(self):
        """Checks that nobody has seen fail are none: here there is no file."""
        self.sandbox()
        done = self.run_program()
        self.assertEqual(1, done.returncode)
        self.assertIn("not so: ", done.stderr)


if __name__ == "__main__":
    night.main()

"""N3: a server that lies: it works and says nothing, says it worked and did not, works late, shows what is not there.

usage: lies.py --bin DIR [--count N] [--seed 1] [--quick] [--only SCRIPT]

Scripts of a few payees, on remesa-sandbox (lies_sandbox.py) and on a server of our own (lies_server.py), and a large
night: of 60 payees half of all POSTs take effect and then their connection is dropped, and the list does not show the
payouts. Users and instructions must come to their end without a person; the payouts that cannot be proved must wait
for one, with the words to type; and when the list shows them, they are found."""
import sys
import zlib

import lies_sandbox
import lies_server
from cells import Chosen, Workshop, chosen
from common import arguments, campaign

WORKERS = 5  # most of them wait
LARGE = "large-night"


def main():
    servers, nights = lies_server.all_scripts(), lies_sandbox.all_nights()
    names = [*servers, *nights]
    given = arguments(__doc__, len(names), only={"help": "one script, by its name"})
    with campaign(given, "lies") as field:
        order = chosen(given, names) or chosen(given, [LARGE])
        if not order:
            sys.exit(f"lies.py: there is no script {given.only}")
        order = order if given.only else [Chosen(LARGE, given.seed), *order]

        def play(folder, script):
            if script.name in servers:
                return lies_server.play(servers[script.name], folder)
            seed = zlib.crc32(f"{script.seed}/{script.name}".encode())
            return lies_sandbox.play({**nights, LARGE: lies_sandbox.LARGE}[script.name], folder, seed)

        played = Workshop(field, WORKERS).play(order, play)
        large = f", and a night of {lies_sandbox.LARGE.payees} payees" if LARGE in {s.name for s in played} else ""
        scripts = sum(script.name != LARGE for script in played)
        field.end(f"N3 lies: {scripts} runs of {len(names)} scripts{large}, "
                  f"{field.figures('effects twice', 'lost', 'wrong')}")


if __name__ == "__main__":
    main()

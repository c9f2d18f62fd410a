"""N3: a server that lies: it works and says nothing, says it worked and did not, works late, shows what is not there.

usage: lies.py --bin DIR [--count N] [--seed 1] [--quick] [--only SCRIPT]

Scripts of a few payees, on remesa-sandbox (lies_sandbox.py) and on a server of our own (lies_server.py), and a large
night: of 60 payees half of all POSTs take effect and then their connection is dropped, and the list does not show the
payouts. Users and instructions must come to their end without a person; the payouts that cannot be proved must wait
for one, with the words to type; and when the list shows them, they are found."""
import random
import sys
import time

import lies_sandbox
import lies_server
from cells import Workshop, chosen
from common import arguments, campaign

WORKERS = 5  # most of them wait
LARGE = "large-night"


def main():
    servers, nights = lies_server.all_scripts(), lies_sandbox.all_nights()
    names = [*servers, *nights]
    given = arguments(__doc__, len(names), only={"help": "one script, by its name"})
    with campaign(given, "lies") as field:
        shop, rng = Workshop(field, WORKERS), random.Random(f"lies/{given.seed}")
        order = chosen(given, [*names, LARGE] if given.only else names, rng)
        if not order:
            sys.exit(f"lies.py: there is no script {given.only}")
        took = {}

        def play(number, name):
            folder, seed = shop.folder(number), given.seed * 1000 + number
            if name in servers:
                return lies_server.play(servers[name], folder)
            started = time.monotonic()
            played = lies_sandbox.play(lies_sandbox.LARGE if name == LARGE else nights[name], folder, seed)
            took[name] = time.monotonic() - started
            return played

        played = shop.play(order if given.only else [LARGE, *order], play, str)
        large = f", and a night of {lies_sandbox.LARGE.payees} payees" if LARGE in took else ""
        field.end(f"N3 lies: {played - bool(large)} scripts of {len(names)}{large}, "
                  f"{field.figures('effects twice', 'lost', 'wrong')}")


if __name__ == "__main__":
    main()

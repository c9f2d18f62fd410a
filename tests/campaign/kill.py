"""K1: kill -9 at random moments, the same command again, until it ends by itself; then everything is judged.

usage: kill.py --bin DIR [--count 500] [--seed 1] [--quick]

A scenario is 30 to 200 payees on a sandbox that makes no mistakes; the moments lie between the start and the length of
an undisturbed run, most of them in its first part, where a run that goes on has its work. Every third scenario begins
with deaths of `import`. In one of eight a person resolves every doubt by the ledger, and then all of it is there once."""
import sys

from common import arguments, campaign, night

IMPORT_KILLS = 3
KILLS_OF_A_SCENARIO = 40
RESOLVE_EVERY = 8


class Pace:
    """How long an undisturbed run takes here: a part that is always there, and one for each payee."""

    def __init__(self, field):
        few, many = (self.measure(field, payees) for payees in (10, 110))
        self.each = max(many - few, 0) / 100
        self.start = max(few - 10 * self.each, 0.005)

    @staticmethod
    def measure(field, payees):
        scene = field.scene(payees, concurrency=8)
        before = field.seconds()
        ended = scene.run()
        took = field.seconds() - before
        if ended.status != night.NOT_FINAL:
            sys.exit(f"kill.py: an undisturbed run ended {ended.status}: {ended.err}")
        scene.close()
        return took

    def of(self, payees):
        return self.start + self.each * payees


def moment(rng, pace, payees):
    whole = pace.of(payees)
    return rng.uniform(0, whole if rng.random() < 0.25 else min(whole, pace.start + 0.15))


def kill_imports(scene, rng, pace):
    """All of the file or nothing; the next command tells."""
    for _ in range(IMPORT_KILLS):
        if scene.run_and_kill(rng.uniform(0, pace.start * 1.2), scene.command("import")) is not True:
            break


def play(scene, rng, pace, wanted):
    """Kills until a run ends by itself; the last one always may."""
    if scene.field.number % 3 == 0:
        kill_imports(scene, rng, pace)
    while scene.crashes < min(KILLS_OF_A_SCENARIO, wanted):
        if scene.run_and_kill(moment(rng, pace, scene.payees)) is not True:
            break
    return scene.run()


def main():
    given = arguments(__doc__, 500)
    with campaign(given, "kill") as field:
        pace = Pace(field)
        kills = doubts = scenarios = 0
        while kills < given.count and not field.is_enough():
            rng = field.rng
            scene = field.scene(rng.randint(30, 200), concurrency=rng.choice((1, 2, 4, 8)), looks=rng.random() < 0.5)
            ended = play(scene, rng, pace, given.count - kills)
            findings = scene.judge_end(ended, also_check=True)
            kills, scenarios = kills + scene.crashes, scenarios + 1
            doubts += 0 if findings else scene.doubts()
            if not findings:
                findings = scene.judge_rest() if scenarios % RESOLVE_EVERY else scene.judge_settled()
            if findings:
                field.violated(scene, findings, f"scenario {scenarios}, {scene.payees} payees, {scene.crashes} kills")
            scene.close()
        honest = "not honest" if field.violations else "honest"
        field.end(f"K1 random kills: {kills} in {scenarios} scenarios, {field.figures()}, in doubt {doubts} ({honest})")


if __name__ == "__main__":
    main()

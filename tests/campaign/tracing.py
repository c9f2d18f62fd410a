"""What strace does for the campaign: it counts the boundaries of a run, kills at one, or makes a call fail."""
import collections
import os
import re

CALL = re.compile(r"^(?:\d+ +)?(?:\d+\.\d+ +)?(\w+)\(")


def tracer(calls, out="/dev/null", inject=None, *options):
    """strace in front of a command line. With seccomp everything else would run at full speed, but strace 6.1 then
    forgets the signals that it is to inject."""
    fast = [] if inject else ["--seccomp-bpf"]
    argv = ["strace", "-f", *fast, "-qq", *options, "-o", out, "-e", f"trace={','.join(calls)}"]
    return argv + (["-e", f"inject={inject}"] if inject else [])


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read().splitlines()


def census(scene, calls, argv=None):
    """How often each call was made in a run that nothing disturbed, and how that run ended."""
    out = os.path.join(scene.folder, "census")
    ended = scene.run(argv, tracer(calls, out))
    counts = collections.Counter(match[1] for match in map(CALL.match, lines(out)) if match)
    os.unlink(out)
    return counts, ended


def fair_share(counts, wanted):
    """Of each kind as many as there are, and of the most frequent ones fewer, so that there are `wanted` in all."""
    share, left, kinds = {}, wanted, len(counts)
    for kind, count in sorted(counts.items(), key=lambda item: item[1]):
        share[kind] = min(count, left // kinds)
        left -= share[kind]
        kinds -= 1
    return share


def spread(count, wanted):
    """`wanted` of 1..count, evenly spaced."""
    return sorted({1 + i * count // wanted for i in range(wanted)}) if wanted else []

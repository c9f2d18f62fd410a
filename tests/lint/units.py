#!/usr/bin/env python3
"""The samples for systemd: systemd itself understands them and finds them tight, and what the night rests on is in
them. The programs of theirs are replaced by /bin/true: they need not be installed."""
import configparser
import pathlib
import shutil
import subprocess
import sys
import tempfile

EXPOSURE_MOST = 20  # tenths, of systemd-analyze security

WANTED = {
    "remesa.service": {
        "Service": {
            "Type": "notify", "User": "remesa", "LoadCredential": "api_key:/etc/remesa/api_key",
            "StateDirectory": "remesa", "StateDirectoryMode": "0700", "SuccessExitStatus": "3",
            "RestartForceExitStatus": "75", "UMask": "0077", "LimitCORE": "0", "NoNewPrivileges": "yes",
            "ProtectSystem": "strict", "PrivateTmp": "yes", "MemoryDenyWriteExecute": "yes",
            "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6", "WatchdogSec": None, "TimeoutStopSec": None,
        },
        "Unit": {"StartLimitBurst": None, "StartLimitIntervalSec": None},
    },
    "remesa.timer": {"Timer": {"Persistent": "true", "OnCalendar": None}, "Install": {"WantedBy": "timers.target"}},
}


class Many(dict):
    """A key may stand more than once: all of its values count."""

    def __setitem__(self, key, value):
        if key in self and isinstance(value, list) and isinstance(self[key], list):
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def check_words(name, text):
    unit = configparser.RawConfigParser(strict=False, dict_type=Many, delimiters=("=",), comment_prefixes=("#",))
    unit.optionxform = str
    unit.read_string(text)
    for part, wanted in WANTED[name].items():
        for key, value in wanted.items():
            got = unit.get(part, key, fallback=None)
            if got is None or (value is not None and value not in got.split("\n")):
                yield f"{name}: [{part}] {key} should be {value or 'there'}, is {got}"
    if name == "remesa.service" and "/usr/bin/remesa run" not in text:
        yield f"{name}: it starts no run"


def check_by_systemd(texts):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            pathlib.Path(folder, name).write_text(text.replace("/usr/bin/remesa run", "/bin/true"), encoding="utf-8")
        paths = [str(pathlib.Path(folder, name)) for name in texts]
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False)
        yield from (line for line in (told.stdout + told.stderr).splitlines() if "remesa" in line)
        told = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MOST}", "--no-pager",
                               str(pathlib.Path(folder, "remesa.service"))], capture_output=True, text=True, check=False)
        if told.returncode:
            yield "remesa.service is too open: " + (told.stdout + told.stderr)[-200:]


def check(texts):
    for name, text in texts.items():
        yield from check_words(name, text)
    yield from check_by_systemd(texts)


def read(root):
    return {name: pathlib.Path(root, "samples/systemd", name).read_text(encoding="utf-8") for name in WANTED}


def self_test(root):
    texts = read(root)
    breaks = [
        ("remesa.service", "Type=notify", "Type=simple", "Type should be notify"),
        ("remesa.service", "RestartForceExitStatus=75", "RestartForceExitStatus=3", "RestartForceExitStatus should"),
        ("remesa.service", "ExecStart=/usr/bin/remesa run", "ExecStart=/usr/bin/remesa", "starts no run"),
        ("remesa.service", "NoNewPrivileges=yes", "NoNewPriviledges=yes", "Unknown key 'NoNewPriviledges'"),
        ("remesa.service", "SystemCallFilter=@system-service", "CapabilityBoundingSet=~", "too open"),
        ("remesa.timer", "01:00:00", "25:00:00", "Failed to parse calendar"),
    ]
    for name, old, new, want in breaks:
        assert old in texts[name], old
        found = list(check({**texts, name: texts[name].replace(old, new)}))
        if not any(want in f for f in found):
            yield f"not seen: {old} -> {new}: {found}"


def main():
    if not shutil.which("systemd-analyze"):
        print("there is no systemd-analyze here")
        return 77
    root = pathlib.Path(__file__).resolve().parents[2]
    found = list(self_test(root) if sys.argv[1] == "--self-test" else check(read(sys.argv[1])))
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

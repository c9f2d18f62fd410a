"""Is a secret somewhere in a file, in any of the ways in which programs write things down?"""
import base64
import os
import urllib.parse


def base64_cores(raw, altchars=None):
    """What stands in base64 for these bytes, wherever among the threes they begin: what depends on neighbours is cut."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw, altchars)
        first, end = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        yield text[first:end]


def ways(secret):
    """Pairs of a way's name and the bytes to look for."""
    raw = secret.encode()
    yield "plain", raw
    yield "wide", secret.encode("utf-16-le")
    yield "hex", raw.hex().encode()
    yield "hex", raw.hex().upper().encode()
    yield "url", urllib.parse.quote(secret, safe="").encode()
    yield "url", "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "url", "".join(f"%{byte:02X}" for byte in raw).encode()
    for altchars in None, b"-_":
        for core in base64_cores(raw, altchars):
            yield "base64", core


def ways_in(path, secret):
    with open(path, "rb") as f:
        data = f.read()
    return sorted({name for name, needle in ways(secret) if needle in data})


def files_under(folder, but):
    """Every regular file, except the one that is the secret's own."""
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(where, name)
            if os.path.isfile(path) and not os.path.islink(path) and not os.path.samefile(path, but):
                yield path

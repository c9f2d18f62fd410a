"""Names the machine, as far as a figure depends on it."""
import os
import platform
import re
import sqlite3
import statistics
import subprocess
import time


def read(path, default=""):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except OSError:
        return default


def first_line(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return "not installed"
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def processor():
    found = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo"), re.M)
    return found.group(1) if found else platform.machine()


def memory_gib():
    found = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    return int(found.group(1)) / 1024 / 1024 if found else 0


def system():
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)', read("/etc/os-release"), re.M)
    return found.group(1) if found else platform.system()


def is_virtual():
    return " hypervisor " in read("/proc/cpuinfo")


def mount_of(folder):
    """Device and type of the file system that the folder is on."""
    best = ("", "", "")
    for line in read("/proc/mounts").splitlines():
        device, point, kind = line.split()[:3]
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[1]):
            best = (device, point, kind)
    return best[0], best[2]


def sync_ms(folder, times=200):
    """Median of appending 4 KiB and fdatasync: what one commit costs at least."""
    path, took = os.path.join(folder, "sync-probe"), []
    with open(path, "wb", buffering=0) as f:
        for _ in range(times):
            from_ = time.perf_counter()
            f.write(bytes(4096))
            os.fdatasync(f.fileno())
            took.append(time.perf_counter() - from_)
    os.unlink(path)
    return statistics.median(took) * 1000


def rivals(python, newman):
    aiohttp = first_line(python, "-c", "import aiohttp; print(aiohttp.__version__)")
    return (f"{' '.join(first_line('curl', '--version').split()[:2])}, {first_line(python, '--version')}, "
            f"aiohttp {aiohttp if aiohttp[:1].isdigit() else 'not installed'}, "
            f"newman {first_line(newman, '--version') if newman else 'not installed'}")


def describe(disk, python, newman):
    device, kind = mount_of(disk)
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores" + (", a virtual machine" if is_virtual() else ""),
        "memory": f"{memory_gib():.0f} GiB",
        "system": f"{system()}, Linux {platform.release()}",
        "disk": f"{kind} on {device}; 4 KiB and fdatasync take {sync_ms(disk):.2f} ms",
        "libraries": f"{first_line('curl-config', '--version')}, SQLite {sqlite3.sqlite_version}, "
                     f"libuv {first_line('pkg-config', '--modversion', 'libuv')}",
        "rivals": rivals(python, newman),
        "server": first_line("/usr/sbin/nginx", "-v").replace("nginx version: ", ""),
    }

"""The server that everything is measured against: one nginx worker with Lua on a free port of 127.0.0.1."""
import os
import socket
import subprocess
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = "/usr/lib/nginx/modules"
NGINX = "/usr/sbin/nginx"
TICKS = os.sysconf("SC_CLK_TCK")


def missing():
    """What of it is not on this machine, or None."""
    for path in (NGINX, f"{MODULES}/ndk_http_module.so", f"{MODULES}/ngx_http_lua_module.so"):
        if not os.path.exists(path):
            return f"{path} is not there: bash samples/packages.sh bench installs it"
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """FAST answers at once, LOGGED keeps the times of arrival too, PACED answers after 80 ms."""
    FAST, LOGGED, PACED = "/api", "/logged/api", "/paced/api"

    def __init__(self, folder):
        self.port = free_port()
        with open(os.path.join(HERE, "nginx.conf"), encoding="utf-8") as f:
            text = f.read()
        for name, value in (("modules", MODULES), ("folder", folder), ("here", HERE), ("port", self.port)):
            text = text.replace(f"@{name}@", str(value))
        if os.geteuid() == 0:
            text = "user root;\n" + text
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.process = subprocess.Popen([NGINX, "-p", folder, "-c", path, "-e", os.path.join(folder, "error.log")])
        self.await_answer()
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            self.worker = int(f.read().split()[0])

    def await_answer(self):
        until = time.monotonic() + 10
        while True:
            try:
                self.count()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.close()
                    raise SystemExit("bench: nginx does not start") from None
                time.sleep(0.05)

    def url(self, how=FAST):
        return f"http://127.0.0.1:{self.port}{how}"

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def count(self):
        """Of the POSTs that were answered so far."""
        return int(self.get("/count"))

    def arrivals(self):
        """Of the POSTs to LOGGED and PACED since the last call: microseconds since 1970, by this server's clock."""
        return [int(line) for line in self.get("/arrivals").split()]

    def cpu(self):
        """Seconds that the worker has worked."""
        with open(f"/proc/{self.worker}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)

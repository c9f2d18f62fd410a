"""The others: what each is started with, on the same rows and the same server."""
import json
import os
import shutil
import subprocess

import work

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else "python3"
HEADERS = [f"Authorization: {work.KEY}", "Version: 2.1", "Accept: application/vnd.api+json",
           "Content-Type: application/vnd.api+json", "Expect:"]
PER_MULTI = 32


def checked(cost, count):
    if cost.served != count:
        raise work.Wrong(f"{cost.served} requests answered, not {count}")
    return cost


def curl_alone_argv(bench, count, connections=work.CONNECTIONS):
    return [bench.program("curl_alone"), bench.server.url() + "/users", count, connections, PER_MULTI]


def curl_alone(bench, count, connections=work.CONNECTIONS):
    with bench.folder("tmpfs" if "tmpfs" in bench.places else "disk") as folder:
        return checked(bench.measured(curl_alone_argv(bench, count, connections), folder), count)


def curl_parallel_argv(bench, folder, count):
    """One config file, as curl's manual has it: each request after the first begins with `next`."""
    headers = "".join(f"header = {json.dumps(line)}\n" for line in HEADERS)
    path = os.path.join(folder, "curl.conf")
    with open(path, "w", encoding="ascii") as f:
        for number in range(count):
            f.write(("next\n" if number else "") + f'url = "{bench.server.url()}/users"\noutput = "/dev/null"\n'
                    f"silent\n{headers}data-raw = {json.dumps(work.body(number))}\n")
    return ["curl", "--parallel", "--parallel-max", work.CONNECTIONS, "--config", path]


def curl_parallel(bench, count):
    with bench.folder("disk") as folder:
        return checked(bench.measured(curl_parallel_argv(bench, folder, count), folder), count)


def xargs_curl_argv(bench, folder, count):
    path = os.path.join(folder, "bodies")
    with open(path, "w", encoding="ascii") as f:
        f.writelines(work.body(number) + "\n" for number in range(count))
    return ["xargs", "--arg-file", path, "-d", "\\n", "-P", work.CONNECTIONS, "-I", "{}", "curl", "-s", "-o", "/dev/null",
            *(part for line in HEADERS for part in ("-H", line)), "--data-raw", "{}", bench.server.url() + "/users"]


def xargs_curl(bench, count):
    with bench.folder("disk") as folder:
        return checked(bench.measured(xargs_curl_argv(bench, folder, count), folder), count)


def has_aiohttp():
    return subprocess.run([PYTHON, "-c", "import aiohttp"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def aiohttp_argv(bench, folder, count):
    argv = [PYTHON, "-B", os.path.join(HERE, "rival_aiohttp.py"), bench.server.url() + "/users",
            os.path.join(folder, "rival.db"), work.CONNECTIONS]
    subprocess.run([*map(str, argv), "--queue", str(count)], check=True)
    return argv


def aiohttp(bench, count, place="disk"):
    with bench.folder(place) as folder:
        return checked(bench.measured(aiohttp_argv(bench, folder, count), folder), count)


def newman_program():
    return os.environ.get("NEWMAN") or shutil.which("newman")


def newman(bench, count):
    """It has no parallel requests: one after the other, on one kept connection."""
    request = {"method": "POST", "url": bench.server.url() + "/users",
               "header": [dict(zip(("key", "value"), line.split(": "))) for line in HEADERS if ": " in line],
               "body": {"mode": "raw", "raw": work.body(0).replace(work.email(0), "{{email}}")}}
    collection = {"info": {"name": "bench", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
                  "item": [{"name": "create_user", "request": request}]}
    with bench.folder("disk") as folder:
        for name, value in (("collection.json", collection),
                            ("rows.json", [{"email": work.email(number)} for number in range(count)])):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                json.dump(value, f)
        argv = [newman_program(), "run", "collection.json", "--iteration-data", "rows.json", "--silent"]
        return checked(bench.measured(argv, folder), count)

#!/usr/bin/env bash
# What the benchmark needs beside samples/packages.sh build test: a server, tools that count, a rival that is small.
# Looks first, installs only what is missing, and needs root or sudo only then. newman (npm) is measured if it is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
needed=(nginx-light libnginx-mod-http-lua curl)
extra=(python3-aiohttp strace valgrind) # without one of these its rows say so

as_root() {
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y \
        --no-install-recommends "$@" </dev/null
}

is_installed() {
    dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing_of() {
    local package
    for package in "$@"; do
        is_installed "$package" || echo "$package"
    done
}

bash "$here/../samples/packages.sh" build
mapfile -t missing < <(missing_of "${needed[@]}")
if [[ ${#missing[@]} -gt 0 ]]; then
    echo "packages: installing ${missing[*]}"
    install "${missing[@]}" || { echo "packages: could not install: ${missing[*]}" >&2; exit 1; }
fi
for package in $(missing_of "${extra[@]}"); do
    install "$package" || echo "packages: going on without $package"
done

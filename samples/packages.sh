#!/usr/bin/env bash
# What the distribution has to give: packages.sh build [test] [bench]
# Looks first, installs only what is missing, and needs root or sudo only then. Debian 12 and its kin.
set -euo pipefail

build_set=(gcc libc6-dev cmake ninja-build pkg-config libuv1-dev libcurl4-openssl-dev libcjson-dev
    libsqlite3-dev libcsv-dev libinih-dev libssl-dev sqlite3 python3 ca-certificates)
test_set=(libcmocka-dev python3-aiohttp openssl strace mandoc systemd zsh dpkg-dev file lintian adduser)
test_extra=(clang-format-14) # not everywhere; its test is skipped without it
bench_set=(nginx-light libnginx-mod-http-lua curl)
bench_extra=(python3-aiohttp strace valgrind) # without one of these its rows say so

die() {
    echo "packages: $1" >&2
    exit 1
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

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "missing: $missing; become root, or install sudo, and run this again"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

lists_are_empty() {
    ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null
}

install() {
    apt install -y --no-install-recommends "$@"
}

required=() extra=()
for set in "$@"; do
    case $set in
    build) required+=("${build_set[@]}") ;;
    test) required+=("${test_set[@]}") extra+=("${test_extra[@]}") ;;
    bench) required+=("${bench_set[@]}") extra+=("${bench_extra[@]}") ;;
    *) die "usage: packages.sh build [test] [bench]" ;;
    esac
done
[[ $# -gt 0 ]] || die "usage: packages.sh build [test] [bench]"
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    die "this is no Debian: install by hand what these packages hold: ${required[*]}"

missing=$(missing_of "${required[@]}" "${extra[@]}" | tr '\n' ' ')
[[ -n $missing ]] || exit 0
echo "packages: installing $missing"
if lists_are_empty; then
    apt update
fi
mapfile -t needed < <(missing_of "${required[@]}")
if [[ ${#needed[@]} -gt 0 ]]; then
    install "${needed[@]}" || { apt update && install "${needed[@]}"; } ||
        die "could not install: ${needed[*]}"
fi
for package in $(missing_of "${extra[@]}"); do
    install "$package" || echo "packages: going on without $package"
done

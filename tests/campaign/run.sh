#!/usr/bin/env bash
# The campaign: run.sh --short | --full [--bin DIR] [--seed N]
# One line of figures for each item, then one for all. Ends 0 only if everything held. Violations are told on stderr, and
# their folders kept. Without --bin the release build is made first.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

usage() {
    echo "usage: run.sh --short | --full [--bin DIR] [--seed N]" >&2
    exit 64
}

# driver, what it is, size of --short, size of --full
items=(
    "kill K1 500 20000"
    "syscall_kill K2+K3 600 20000"
    "power P1 20000 2000000"
    "io F1+F3 300 20000"
)

size= bin= seed=1
while [[ $# -gt 0 ]]; do
    case $1 in
    --short | --full) size=${1#--} ;;
    --bin) bin=${2:-} && shift ;;
    --seed) seed=${2:-} && shift ;;
    *) usage ;;
    esac
    shift || usage
done
[[ -n $size && -n $seed ]] || usage

if [[ -z $bin ]]; then
    bin=$top/build/release/bin
    (cd "$top" && nice cmake --preset release && nice cmake --build --preset release --target remesa_program remesa-sandbox) >&2 ||
        { echo "campaign: the release build failed" >&2; exit 1; }
fi

python=/usr/bin/python3
[[ -x $python ]] || python=python3

held=0 broken=0
for item in "${items[@]}"; do
    read -r driver name short full <<<"$item"
    [[ -f $here/$driver.py ]] || continue
    count=$short
    [[ $size == full ]] && count=$full
    if "$python" -B "$here/$driver.py" --bin "$bin" --count "$count" --seed "$seed"; then
        held=$((held + 1))
    else
        echo "$name DID NOT HOLD ($driver.py)"
        broken=$((broken + 1))
    fi
done
echo "campaign: $held held, $broken did not"
[[ $broken -eq 0 && $held -gt 0 ]]

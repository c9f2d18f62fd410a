#!/usr/bin/env bash
# The campaign: run.sh --short | --full [--bin DIR] [--seed N] [--item NAME]...
# One line of figures for each item, then one for all. Ends 0 only if everything held. Violations are told on stderr, and
# their folders kept. Without --bin the release build is made first.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

usage() {
    echo "usage: run.sh --short | --full [--bin DIR] [--seed N] [--item NAME]..." >&2
    exit 64
}

# name, driver, size of --short, size of --full. all: every cell once; allxN: that with N seeds
items=(
    "S1 simulation 50000 10000000"
    "K1 kill.py 500 20000"
    "K2+K3 syscall_kill.py 600 20000"
    "P1 power.py 20000 2000000"
    "F1+F3 io.py 300 20000"
    "F2 memory.py 400 20000"
    "N1 network.py all allx10"
    "N2 status.py all allx3"
    "N3 lies.py all allx20"
    "broken broken.py all all"
)
targets=(remesa_program remesa-sandbox remesa-sim failing_alloc)

size= bin= seed=1 wanted=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --short | --full) size=${1#--} ;;
    --bin) bin=${2:-} && shift ;;
    --seed) seed=${2:-} && shift ;;
    --item) wanted+=("${2:-}") && shift ;;
    *) usage ;;
    esac
    shift || usage
done
[[ -n $size && $seed =~ ^[0-9]+$ ]] || usage

if [[ -z $bin ]]; then
    bin=$top/build/release/bin
    (cd "$top" && nice cmake --preset release && nice cmake --build --preset release --target "${targets[@]}") >&2 ||
        { echo "campaign: the release build failed" >&2; exit 1; }
fi

python=/usr/bin/python3
[[ -x $python ]] || python=python3

# One item once: how many (or all), and the seed.
play() {
    local driver=$1 count=$2 with=$3 sized=()
    [[ $count == all ]] || sized=(--count "$count")
    if [[ $driver == simulation ]]; then
        nice "$bin/remesa-sim" "${sized[@]}" --seed "$with" --jobs 2
    else
        nice "$python" -B "$here/$driver" --bin "$bin" "${sized[@]}" --seed "$with"
    fi
}

is_wanted() {
    [[ ${#wanted[@]} -eq 0 || " ${wanted[*]} " == *" $1 "* ]]
}

held=0 broken=0
for item in "${items[@]}"; do
    read -r name driver short full <<<"$item"
    is_wanted "$name" || continue
    count=$short times=1
    [[ $size == full ]] && count=$full
    [[ $count =~ ^allx([0-9]+)$ ]] && count=all times=${BASH_REMATCH[1]}
    ok=1
    for ((i = 0; i < times; i++)); do
        play "$driver" "$count" $((seed + i)) || ok=0
    done
    if [[ $ok -eq 1 ]]; then
        held=$((held + 1))
    else
        echo "$name DID NOT HOLD"
        broken=$((broken + 1))
    fi
done
echo "campaign: $held held, $broken did not"
[[ $broken -eq 0 && $held -gt 0 ]]

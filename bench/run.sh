#!/usr/bin/env bash
# The benchmark: installs what is needed, builds the release, measures, and writes bench/README.md and bench/chart.svg.
#
#     bash bench/run.sh [--quick] [--only ITEM]...     all items: about half an hour, 40 GiB of disk for a while
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${REMESA_BUILD:-$here/../build/release}

bash "$here/../samples/packages.sh" build bench
cmake -S "$here/.." -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DREMESA_TESTS=OFF -DREMESA_BENCH=ON >/dev/null
cmake --build "$build" --target remesa_program curl_alone measure -- --quiet
python=/usr/bin/python3
[[ -x $python ]] || python=python3
"$python" -B "$here/self_test.py" 2>/dev/null || { echo "bench: self_test.py fails: no figure can be trusted" >&2; exit 1; }
exec "$python" -B "$here/run.py" --build "$build" "$@"

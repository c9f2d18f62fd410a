#!/usr/bin/env bash
# Everything, from a clean clone: packages, build with ASan and UBSan, all tests, then the short campaign on a release
# build. Ends 0 only if all passed; the last line says "N passed, M failed", each item of the campaign is one. Nothing is
# downloaded but packages.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/asan
results=$build/tests.xml

give_up() {
    echo "tests: $1" >&2
    echo "0 passed, 1 failed"
    exit 1
}

# The count of a kind in ctest's JUnit file.
count() {
    sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p" "$results" | head -n 1
}

bash samples/packages.sh build test || give_up "packages are missing"
nice cmake --preset asan || give_up "the build could not be configured"
nice cmake --build --preset asan || give_up "the build failed"

rm -f "$results"
nice ctest --preset asan -j 2 --no-tests=error --test-output-size-failed 4000000 \
    --output-junit "$PWD/$results" </dev/null
status=$?

total=$(count tests) failed=$(count failures) skipped=$(count skipped)
[[ -n $total && -n $failed && -n $skipped ]] || give_up "ctest left no results"
[[ $skipped -eq 0 ]] || echo "$skipped skipped"

figures=$build/campaign.txt
bash tests/campaign/run.sh --short </dev/null | tee "$figures"
[[ ${PIPESTATUS[0]} -eq 0 ]] || status=1
read -r held broken < <(sed -n 's/^campaign: \([0-9]*\) held, \([0-9]*\) did not$/\1 \2/p' "$figures")
[[ -n ${held:-} && -n ${broken:-} ]] || give_up "the campaign left no figures"

echo "$((total - failed - skipped + held)) passed, $((failed + broken)) failed"
[[ $status -eq 0 && $((failed + broken)) -eq 0 ]]

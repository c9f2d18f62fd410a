#!/usr/bin/env bash
# Everything, from a clean clone: packages, build with ASan and UBSan, all tests.
# Ends 0 only if all passed; the last line says "N passed, M failed". Nothing is downloaded but packages.
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
echo "$((total - failed - skipped)) passed, $failed failed"
[[ $status -eq 0 && $failed -eq 0 ]]

#!/usr/bin/env bash
# A first night, with nothing at stake: installs the packages, builds, starts the sandbox on a free port,
# pays 200 payees against it, shows what came of it, and compares the sandbox's ledger with the database.
#
#     bash samples/quickstart.sh [FOLDER]     FOLDER keeps the database; without it a new one under /tmp
set -euo pipefail
umask 077

source_dir=$(cd "$(dirname "$0")/.." && pwd)
build=${REMESA_BUILD:-$source_dir/build/release}
night=${1:-$(mktemp -d /tmp/remesa-quickstart.XXXXXX)}
rate=50 # requests a second: the real API allows 5, and 600 requests would take two minutes

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "1. packages"
bash "$source_dir/samples/packages.sh" build

say "2. build"
cmake -S "$source_dir" -B "$build" -G Ninja -DREMESA_TESTS=OFF >/dev/null
cmake --build "$build" -- --quiet
export PATH="$build/bin:$PATH"

say "3. a sandbox of the API on this machine"
mkdir -p "$night"
cd "$night"
rm -f remesa.db remesa.db-* ledger.db ledger.db-* port
head -c 40 /dev/urandom | od -An -tx1 | tr -d ' \n' >key
remesa-sandbox --quiet --port 0 --port-file port --ledger ledger.db --key-file key \
    --rate "$rate" --latency 80..400 --max-seconds 300 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true' EXIT
for _ in $(seq 50); do [[ -s port ]] && break; sleep 0.1; done
base_url=http://127.0.0.1:$(cat port)/api

say "4. 200 payees, three jobs each: a user, a bank account, a payout"
status=0
remesa run "$source_dir/samples/payees.csv" --base-url "$base_url" --api-key-file key --rate "$rate" ||
    status=$?
if [[ $status -ne 3 ]]; then # 3: all accepted; the bank's side is not final the same night
    echo "quickstart: remesa run ended with $status instead of 3" >&2
    exit 1
fi

say "5. the same, read with the sqlite3 shell"
sqlite3 -readonly -box remesa.db \
    'SELECT ref, action, on_behalf_of, state, remote_id, remote_state FROM results LIMIT 9' \
    'SELECT currency, imported, succeeded, following, in_doubt, failed, waiting FROM money'

say "6. the ledger against the database"
effects=$(sqlite3 -readonly ledger.db 'SELECT count(*) FROM effect')
findings=$(sqlite3 -readonly remesa.db "ATTACH 'ledger.db' AS ledger" \
    ".read '$source_dir/samples/agree.sql'")
if [[ -n $findings || $effects -ne 600 ]]; then
    printf 'the ledger and the database DISAGREE (%s effects):\n%s\n' "$effects" "$findings" >&2
    exit 1
fi
echo "the ledger and the database agree: $effects effects, one for each job, every amount digit for digit"
echo "kept in $night: look around with  sqlite3 $night/remesa.db 'SELECT * FROM results'"

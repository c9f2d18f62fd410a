#!/usr/bin/env bash
# The Debian package: built, looked at by lintian, installed, used, removed and purged.
# usage: package.sh SOURCE_FOLDER BUILD_FOLDER [COMPILER_LAUNCHER]
#
# As root, in a copy of this machine that is thrown away (an overlay in a mount namespace of its own). Where that
# is not allowed and nothing of ours is on the machine, on the machine itself, cleaned up after it. Not root: built
# and looked at only, and skipped for the rest (77).
set -euo pipefail
die() { echo "package: $1" >&2; exit 1; }

# ---- inside: the root may be spoilt ----

wants() { # WHAT CONDITION...
    local what=$1
    shift
    "$@" || die "$what"
}

is_gone() { [[ ! -e $1 ]]; }

look_at_installed() {
    wants "the state folder is not private" test "$(stat -c '%U:%G %a' /var/lib/remesa)" = "remesa:remesa 700"
    wants "remesa may log in" test "$(getent passwd remesa | cut -d: -f7)" = /usr/sbin/nologin
    wants "the configuration is no conffile" grep -q '^/etc/remesa/remesa.conf ' \
        <(dpkg-query -W -f='${Conffiles}\n' remesa | sed 's/^ //')
    for file in /usr/share/man/man1/remesa.1.gz /usr/share/man/man1/remesa-sandbox.1.gz \
        /usr/share/man/man5/remesa.conf.5.gz /usr/share/man/man5/remesa-db.5.gz \
        /usr/share/bash-completion/completions/remesa /usr/share/zsh/vendor-completions/_remesa \
        /usr/share/doc/remesa/README.md /usr/share/doc/remesa/actions/README.md /usr/share/doc/remesa/changelog.gz \
        /usr/share/doc/remesa/copyright /lib/systemd/system/remesa.service /lib/systemd/system/remesa.timer; do
        wants "there is no $file" test -s "$file"
    done
    wants "the timer is enabled" is_gone /etc/systemd/system/timers.target.wants/remesa.timer
    remesa --version | grep -q '^remesa [0-9]' || die "--version says something else"
    gzip -t /usr/share/man/man1/remesa.1.gz
}

# A payment against the sandbox, as the user of the service and where the service works.
pay() {
    cd /var/lib/remesa
    printf '%s\n' 0123456789abcdef >key
    chmod 600 key
    chown remesa: key
    cat >/tmp/night.csv <<END
ref,payee,email,name,country,account_currency,bank,account_type,cbu,amount,currency
august-1,ana,ana@example.com,"Castaño, Julián",AR,ARS,bbva,savings,2740859941184278534946,150000.50,ars
END
    setpriv --reuid remesa --regid remesa --clear-groups remesa-sandbox --quiet --port 0 --port-file port \
        --rate 0 --max-seconds 120 >/dev/null &
    sandbox=$!
    for _ in $(seq 200); do
        [[ -s port ]] && break
        sleep 0.1
    done
    setpriv --reuid remesa --regid remesa --clear-groups sh -c 'umask 077; remesa run --recipe pay-new \
        --base-url "http://127.0.0.1:$(cat port)/api" --api-key-file key --rate 0 --batch night -' \
        </tmp/night.csv >/dev/null 2>said && status=0 || status=$?
    kill "$sandbox"
    wait "$sandbox" || true
    [[ $status -eq 0 || $status -eq 3 ]] || die "the run ended with $status: $(cat said)"
    # Of the state only what is worth keeping stays for the purge.
    rm -f key port said /tmp/night.csv
    sqlite3 -readonly remesa.db "SELECT count(*) FROM results WHERE remote_id IS NOT NULL" | grep -qx 3 ||
        die "not all is done"
    cd /
}

inside() {
    local deb=$1 said
    dpkg -i --path-include='/usr/share/*' "$deb" >/dev/null # small machines leave pages and documents out
    look_at_installed
    pay
    cp /var/lib/remesa/remesa.db /tmp/kept.db
    echo "# mine" >>/etc/remesa/remesa.conf

    dpkg -r remesa >/dev/null
    wants "the program stayed" is_gone /usr/bin/remesa
    wants "the state went at remove" test -s /var/lib/remesa/remesa.db
    wants "the configuration went at remove" grep -q '# mine' /etc/remesa/remesa.conf

    said=$(dpkg -P remesa 2>&1 >/dev/null)
    [[ $said == *"holds records of payments"* ]] || die "the purge says nothing of the records: $said"
    wants "the records went" cmp -s /var/lib/remesa/remesa.db /tmp/kept.db
    wants "the configuration stayed" is_gone /etc/remesa
    getent passwd remesa >/dev/null || die "the user of the records went"

    dpkg -i --path-include='/usr/share/*' "$deb" >/dev/null # small machines leave pages and documents out
    rm -rf /var/lib/remesa/* /tmp/kept.db
    said=$(dpkg -P remesa 2>&1 >/dev/null)
    [[ -z $said ]] || die "the purge of nothing says: $said"
    for left in /var/lib/remesa /etc/remesa /usr/bin/remesa /usr/bin/remesa-sandbox /usr/share/doc/remesa \
        /lib/systemd/system/remesa.service /usr/share/man/man1/remesa.1.gz; do
        wants "$left stayed" is_gone "$left"
    done
    getent passwd remesa >/dev/null && die "the user stayed"
    dpkg-query -W remesa >/dev/null 2>&1 && die "dpkg still knows it"
    echo "package: installed, used, removed, purged"
}

in_a_copy() { # of the machine, in a mount namespace that is ours already
    local scratch=$1 deb=$2
    mount -t tmpfs tmpfs "$scratch"
    mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
    mount -t proc proc "$scratch/root/proc"
    mount --bind /dev "$scratch/root/dev"
    cp "$deb" "$scratch/root/tmp/remesa.deb"
    cp "$0" "$scratch/root/tmp/package.sh"
    chroot "$scratch/root" bash /tmp/package.sh --inside /tmp/remesa.deb
}

case $1 in
--inside) inside "$2"; exit 0 ;;
--in-a-copy) in_a_copy "$2" "$3"; exit 0 ;;
esac

# ---- outside ----

source=$1 build=$2 launcher=${3:-}
unset CFLAGS LDFLAGS
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DREMESA_TESTS=OFF -DREMESA_PACKAGE=ON \
    -DCMAKE_C_COMPILER_LAUNCHER="$launcher" >/dev/null
cmake --build "$build" -j 2 >/dev/null || die "the build failed"
rm -f "$build"/*.deb
(cd "$build" && umask 022 && cpack -G DEB >cpack.log 2>&1) || die "cpack: $(cat "$build/cpack.log")"
deb=$(echo "$build"/*.deb)
depends=$(dpkg-deb -f "$deb" Depends)
for library in libc6 libcurl4 libsqlite3-0 libuv1 libcjson1; do
    [[ $depends == *$library* ]] || die "it does not depend on $library: $depends"
done
complaints=$(lintian --allow-root --tag-display-limit 0 "$deb" 2>&1) || true
[[ -z $complaints ]] || die "lintian: $complaints"

[[ $EUID -eq 0 ]] || { echo "package: built; not root, so not installed"; exit 77; }
scratch=$(mktemp -d)
trap 'rmdir "$scratch"' EXIT
if unshare --mount --propagation private bash -c 'mount -t tmpfs tmpfs "$1" && mkdir "$1"/u "$1"/w "$1"/r &&
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/u,workdir=$1/w" "$1"/r' sh "$scratch" 2>/dev/null; then
    unshare --mount --pid --fork --propagation private bash "$0" --in-a-copy "$scratch" "$deb"
elif ! dpkg-query -W remesa >/dev/null 2>&1 && ! getent passwd remesa >/dev/null &&
    [[ ! -e /etc/remesa && ! -e /var/lib/remesa ]]; then
    inside "$deb"
else
    echo "package: built; no copy can be made of this machine, and it has a remesa of its own"
    exit 77
fi

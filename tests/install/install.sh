#!/usr/bin/env bash
# Installs into an empty folder, builds a stranger's program with what pkg-config says, and runs both.
# usage: install.sh BUILD_FOLDER COMPILER [FLAGS]
set -euo pipefail
build=$1 compiler=$2 flags=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
DESTDIR=$there cmake --install "$build" --prefix /usr >/dev/null
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR=$there
PKG_CONFIG_PATH=$(dirname "$(find "$there" -name remesa.pc)")
read -ra cflags < <(pkg-config --cflags remesa)
read -ra libs < <(PKG_CONFIG_SYSROOT_DIR='' pkg-config --libs remesa)
# shellcheck disable=SC2086
"$compiler" $flags -std=c17 -pedantic -Wall -Wextra -Werror "${cflags[@]}" "$here/user.c" \
    -L"$(dirname "$PKG_CONFIG_PATH")" "${libs[@]}" -o "$there/user"
"$there/user" "$there/a.db" "$(find "$there" -name payees.csv)"
"$there/usr/bin/remesa" status --db "$there/a.db" | grep -q 'payees.csv *600'
"$there/usr/bin/remesa" sandbox -- --version >/dev/null
for file in doc/remesa/README.md doc/remesa/actions/README.md doc/remesa/recipes/README.md man/man1/remesa.1 \
    man/man1/remesa-sandbox.1 man/man5/remesa.conf.5 man/man5/remesa-db.5 bash-completion/completions/remesa \
    zsh/vendor-completions/_remesa doc/remesa/samples/systemd/remesa.service; do
    [[ -s $there/usr/share/$file ]] || { echo "install: there is no $file" >&2; exit 1; }
done
cmp -s "$there/usr/share/doc/remesa/README.md" "$there/usr/share/doc/remesa/actions/README.md" && exit 1
exit 0

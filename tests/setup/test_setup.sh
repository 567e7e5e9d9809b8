#!/bin/bash
# test_setup.sh - what setup.sh says where it cannot install, and that it asks for nothing in vain.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs setup.sh with a PATH that holds stand-ins for apt-get, dpkg-query, id and sudo alone, so that
# no package is touched. Argument: the directory of setup.sh.
# shellcheck disable=SC2016  # conditions are evaluated by check, not where they are written
set -u
root=${1:?the directory of setup.sh}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

stand_in() { # name, body
    printf '#!/bin/bash\n%s\n' "$2" >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}
fresh_machine() { # a Debian on which nothing is installed and the user is not root
    rm -rf "${scratch:?}/bin" "$scratch/log"
    mkdir "$scratch/bin"
    ln -s "$(command -v bash)" "$(command -v cat)" "$(command -v env)" "$scratch/bin/"
    stand_in apt-get "echo \"apt-get \$*\" >>$scratch/log"
    stand_in apt-cache 'exit 0'
    stand_in dpkg-query 'exit 1'
    stand_in id 'echo 1000'
}
root_machine() {
    fresh_machine
    stand_in id 'echo 0'
}
setup() { # arguments; leaves status, out, err
    PATH="$scratch/bin" bash "$root/setup.sh" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
    out=$(cat "$scratch/out")
    err=$(cat "$scratch/err")
}
check() { # sentence, test...
    local sentence=$1
    shift
    if "$@"; then
        printf 'ok      %s\n' "$sentence"
    else
        printf 'NOT OK  %s\n  status %s\n  out: %s\n  err: %s\n' "$sentence" "$status" "$out" "$err"
        failures=$((failures + 1))
    fi
}
lines() { [ "$(printf '%s\n' "$1" | wc -l)" -eq "$2" ]; }
calls() { cat "$scratch/log" 2>/dev/null; }

fresh_machine
setup --help
check "help goes to standard output with status 0" test "$status $err" = "0 "
check "help names all three commands" grep -q -z 'demo.*test.*deps' "$scratch/out"
setup
check "no command is a usage error" test "$status" -eq 2
setup dmeo
check "an unknown command is one line with status 2" eval 'lines "$err" 1 && [ $status -eq 2 ]'

fresh_machine
rm "$scratch/bin/apt-get"
setup deps
check "without apt it says in one line that this is not Debian" eval 'lines "$err" 1 && [ $status -eq 1 ] && [[ $err == *"not Debian"* ]]'

fresh_machine
setup deps
check "without root and sudo it fails in one line that names what to install" eval 'lines "$err" 1 && [ $status -eq 1 ] && [[ $err == *"needs root"*libgsl-dev* ]]'
check "without root and sudo it never calls apt-get" test -z "$(calls)"
check "each missing package comes with its purpose" grep -q 'gnuplot-nox (draws the plots)' "$scratch/out"

stand_in sudo "echo \"sudo \$*\" >>$scratch/log; [ \"\$1\" = -n ] && shift; exec \"\$@\""
setup deps
check "a user with sudo installs, and without a terminal is never asked for a password" eval '[ $status -eq 0 ] && calls | grep -q "^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get .* install .* gcc"'

root_machine
setup deps
check "root needs no sudo" eval '[ $status -eq 0 ] && calls | grep -q "^apt-get .* install .* gcc" && ! calls | grep -q sudo'
check "a known package list is not refreshed" eval '! calls | grep -q update'

root_machine
stand_in apt-cache 'exit 100'
setup deps
check "a missing package list is refreshed before installing" eval '[ $status -eq 0 ] && [ "$(calls | sed -n "1s/.* //p")" = update ]'

root_machine
stand_in apt-get "echo \"apt-get \$*\" >>$scratch/log; [ -e $scratch/updated ] || case \$* in *install*) exit 100;; *update*) >$scratch/updated;; esac"
setup deps
check "a stale package list is refreshed and installing tried again" eval '[ $status -eq 0 ] && [ "$(calls | wc -l)" -eq 3 ]'

root_machine
stand_in apt-get 'exit 100'
setup deps
check "without a network it fails and says which step" eval '[ $status -eq 1 ] && [[ $err == *"apt-get update failed"* ]]'

fresh_machine
stand_in dpkg-query 'printf installed'
for command in gcc cmake ninja pkg-config gnuplot bats jq zstd make mandoc shellcheck mpirun; do stand_in "$command" 'exit 0'; done
setup deps
check "where nothing is missing neither root nor sudo nor apt-get is needed" eval '[ $status -eq 0 ] && [ -z "$(calls)" ]'

if command -v shellcheck >/dev/null; then
    status=0 out=$(shellcheck "$root/setup.sh" "$root/.ci/run" "$root"/tests/setup/*.sh) err=
    check "shellcheck finds nothing" test -z "$out"
else
    echo "skipped shellcheck: not installed"
fi
[ "$failures" -eq 0 ]

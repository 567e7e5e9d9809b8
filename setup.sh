#!/bin/bash
# setup.sh - from a bare Debian 12 to a built, tried and tested crossover.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs what is missing with apt (as root, or through sudo), builds with the release preset into
# build/, then runs the demo or the tests. Run it as often as you like: what is there stays.
set -euo pipefail

usage() {
    cat <<'END'
Sets up crossover on Debian 12, where nothing but the base system need be installed.

  ./setup.sh demo    install what building takes, build, and answer scenarios/support.ini into out/
  ./setup.sh test    install what testing takes, build, and run all tests
  ./setup.sh deps    install all that and stop

Installing needs root or sudo; where nothing is missing, neither is asked for.
END
}

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# package, a command that proves it (-: ask dpkg), what it is for
packages='
gcc              gcc         compiles the program
libc6-dev        -           headers and start files of the C library
cmake            cmake       writes the build
ninja-build      ninja       runs the build
pkg-config       pkg-config  finds inih, jansson and xxhash
libgsl-dev       -           distributions, quadratic roots, fits (GNU Scientific Library)
libinih-dev      -           reads scenarios and catalogs
libjansson-dev   -           writes JSON
libxxhash-dev    -           fingerprints a resolved scenario
librandom123-dev -           Philox random streams (headers only)
uthash-dev       -           hash table of what a session keeps (a header)
zlib1g-dev       -           reads traces and measurements packed by gzip (not needed)
libzstd-dev      -           reads those packed by zstd (not needed)
gnuplot-nox      gnuplot     draws the plots
fonts-dejavu-core -          the letters in them
'
test_packages='
check            -           tests the library
bats             bats        tests the command line
jq               jq          reads the JSON it writes
zstd             zstd        packs a trace for it to read
make             make        builds a toy program on an installed copy
mandoc           mandoc      checks the manual pages
shellcheck       shellcheck  checks the shell scripts
openmpi-bin      mpirun      starts crossover-mpi on several ranks
libopenmpi-dev   -           builds crossover-mpi, for sweeps across machines
'

is_installed() { # package command
    if [ "$2" != - ]; then
        command -v "$2" >/dev/null
    else
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@" # no terminal: a question for the password would hang
    fi
}

apt_install() { # package...
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$@" </dev/null
}

install_missing() { # table
    local package proof purpose missing=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        fail "this is not Debian (no apt-get): install what setup.sh lists by hand, then: cmake --preset release"
    fi
    while read -r package proof purpose; do
        if [ -n "$package" ] && ! is_installed "$package" "$proof"; then
            say "missing: $package ($purpose)"
            missing+=("$package")
        fi
    done <<<"$1"
    [ ${#missing[@]} -gt 0 ] || return 0

    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        fail "installing needs root: run as root, or install sudo, or have an administrator run: apt-get install ${missing[*]}"
    # An old or empty package list is the usual reason for a failure: refresh it and try again.
    if ! apt-cache show "${missing[@]}" >/dev/null 2>&1 || ! apt_install "${missing[@]}"; then
        say "refreshing the list of packages"
        as_root apt-get -q update </dev/null || fail "apt-get update failed: see above"
        apt_install "${missing[@]}" || fail "could not install ${missing[*]}: see above"
    fi
}

build() { # ON or OFF: with the tests?
    say "building into build/"
    cmake --preset release --log-level=WARNING -DBUILD_TESTING="$1" >/dev/null || fail "cmake could not configure: see above"
    cmake --build --preset release -- --quiet || fail "the build failed: see above"
}

demo() {
    local plot plots=0
    say "crossover scenarios/support.ini --out out"
    build/crossover scenarios/support.ini --out out
    say "in out/: verdict.txt, curve.csv, curve.json and manifest.json, which says how to run it again"
    for plot in out/*.png; do
        if [ -f "$plot" ]; then
            say "plot: $PWD/$plot"
            plots=$((plots + 1))
        fi
    done
    [ "$plots" -gt 0 ] || fail "no plot was drawn; the results above are complete"
}

cd "${BASH_SOURCE[0]%/*}" 2>/dev/null || true # run as "bash setup.sh": already there
[ $# -eq 1 ] || {
    usage >&2
    exit 2
}
case $1 in
    -h | --help | help) usage ;;
    deps)
        install_missing "$packages$test_packages"
        say "nothing is missing"
        ;;
    demo)
        install_missing "$packages"
        build OFF
        demo
        ;;
    test)
        install_missing "$packages$test_packages"
        build ON
        export SHELL=$BASH # a container sets none, and script(1) hands it the tests' commands
        exec ctest --preset release --parallel "$(nproc)"
        ;;
    *)
        printf 'setup: unknown command "%s"; there are demo, test and deps\n' "$1" >&2
        exit 2
        ;;
esac

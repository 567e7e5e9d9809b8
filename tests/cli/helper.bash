# helper.bash - what every suite needs: crossover in PATH, an empty folder, a fast scenario.
# SPDX-License-Identifier: GPL-3.0-or-later
bats_require_minimum_version 1.5.0

setup() {
    PATH=${CROSSOVER%/*}:$PATH
    mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return # bats writes above it
    cp "$BATS_TEST_DIRNAME/small.ini" my.ini
    unset NO_COLOR OMP_NUM_THREADS
    export LC_ALL=C.UTF-8 # lengths of lines are counted in characters
}

# One line of $output or $stderr is exactly this.
has_line() { # text, where
    local line
    while IFS= read -r line; do
        [ "$line" = "$1" ] && return
    done <<<"$2"
    printf 'no line "%s" in:\n%s\n' "$1" "$2"
    return 1
}
has() { # pattern (glob), where
    [[ $2 == *$1* ]] && return
    printf 'no "%s" in:\n%s\n' "$1" "$2"
    return 1
}
lines_of() { printf '%s\n' "$1" | wc -l; }
flat() { tr '\n' ' ' <<<"$1"; } # what is wrapped, on one line

# Skip where no pseudo-terminal can be had, as in a chroot without devpts.
needs_terminal() {
    command -v script >/dev/null || skip "script (Debian: bsdutils) is not installed"
    script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
        skip "no pseudo-terminal can be had here: is devpts mounted?"
}

# Can crossover read what gzip or zstd packs, and is that here to pack it?
packs() { # gzip or zstd
    local library=zlib
    [ "$1" = gzip ] || library=libzstd
    command -v "$1" >/dev/null && crossover --version | grep -q "$library"
}

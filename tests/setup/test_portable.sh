#!/bin/bash
# test_portable.sh - what a platform may lack leaves the answers as they are.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Arguments: the root of the source tree; the program; the same program built as where no program
# can be started and where rooms have no OpenMP; the C compiler; the folder of Random123. What is
# optional, and where, stands in docs/architecture.md, "Where a platform may lack something".
# shellcheck disable=SC2317  # functions are called by check
set -u
root=$(realpath "${1:?the root of the source tree}")
whole=${2:?the program} lacking=${3:?the program without optional parts}
compiler=${4:?a C compiler} random123=${5:?the folder that holds Random123/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
check() { # sentence, test...
    local sentence=$1
    shift
    if "$@"; then
        echo "ok      $sentence"
    else
        echo "NOT OK  $sentence"
        failures=$((failures + 1))
    fi
}

# The same command line for both, since the manifest has it.
answer() { # program, folder
    mkdir "$scratch/$2"
    ln -s "$1" "$scratch/$2/crossover"
    (cd "$scratch/$2" && PATH=/nonexistent ./crossover curve "$root/tests/data/analytic.ini" \
        --set study.draws=200 --out out >stdout 2>stderr)
}
answer "$whole" whole
answer "$lacking" lacking
note=$(grep 'no pictures' "$scratch/lacking/stderr")
check "where no program can be started, one line says so" \
    test "$note" = "crossover: warning: no pictures: gnuplot cannot be started on this system; scripts and data are there"
check "the verdict is the same" cmp "$scratch/whole/stdout" "$scratch/lacking/stdout"
for file in curve.csv cost.csv cost.set cost.gp common.gp; do
    check "$file is there, the same to the byte" cmp "$scratch/whole/out/$file" "$scratch/lacking/out/$file"
done

# A processor that Random123 was not tried on is one of which the compiler says nothing.
named=$(sed -n 's/.*COMPILE_DEFINITIONS \(__[a-z0-9_]*\)).*/\1/p' "$root/src/random/CMakeLists.txt")
philox_on() { # the name of a processor
    echo '#include <Random123/philox.h>' |
        "$compiler" -std=c17 -ffreestanding -fsyntax-only -w -I"$random123" -DR123_USE_SSE=0 \
            '-DR123_ASSERT(x)=' -U__x86_64__ -U__i386__ -U__aarch64__ -U__arm__ -U__powerpc__ \
            -U__s390x__ -U__riscv -D"$1" -x c - 2>"$scratch/said"
}
refuses() { ! philox_on __unheard_of && grep -q "only been tested" "$scratch/said"; }
check "Random123 stops at a processor that it does not know" refuses
check "Philox compiles there under the name that src/random gives it" philox_on "$named"
exit $((failures > 0))

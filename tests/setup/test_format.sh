#!/bin/bash
# test_format.sh - sources are as clang-format 14 would have them, and say their licence in a line.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. Without clang-format 14 only the licence is looked for.
set -u
cd "${1:?the root of the source tree}" || exit 1
failures=0
n_files=0
formatter=$(command -v clang-format-14 || command -v clang-format)
if [ -z "$formatter" ] || ! "$formatter" --version | grep -q 'version 14\.'; then
    echo "skipped the format: no clang-format 14 here"
    formatter=true
fi
for file in src/*/*.[ch] src/*/*/*.[ch] include/xo/*.h tests/*.[ch] tests/*/*.c examples/*.c; do
    n_files=$((n_files + 1))
    if ! grep -qE '^( \*|/\*) SPDX-License-Identifier: GPL-3\.0-or-later( \*/)?$' "$file"; then
        echo "NOT OK  $file has no line of its own for its licence"
        failures=$((failures + 1))
    fi
    if ! "$formatter" --dry-run -Werror "$file" >/dev/null 2>&1; then
        echo "NOT OK  $file is not formatted: clang-format -i $file"
        failures=$((failures + 1))
    fi
done
[ "$n_files" -gt 200 ] || { echo "NOT OK  only $n_files files" && exit 1; }
[ "$failures" -eq 0 ] && echo "ok      $n_files files"
[ "$failures" -eq 0 ]

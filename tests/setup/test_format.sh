#!/bin/bash
# test_format.sh - sources are as clang-format 14 would have them, and say their licence in a line.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. Without clang-format 14 only the licence is looked for.
set -u
cd "${1:?the root of the source tree}" || exit 1
failures=0
formatter=$(command -v clang-format-14 || command -v clang-format)
if [ -z "$formatter" ] || ! "$formatter" --version | grep -q 'version 14\.'; then
    echo "skipped the format: no clang-format 14 here"
    formatter=true
fi
files=(src/*/*.[ch] src/*/*/*.[ch] include/xo/*.h tests/*.[ch] tests/*/*.c examples/*.c)
n_files=${#files[@]}
while read -r file; do
    echo "NOT OK  $file has no line of its own for its licence"
    failures=$((failures + 1))
done < <(grep -LE '^( \*|/\*) SPDX-License-Identifier: GPL-3\.0-or-later( \*/)?$' "${files[@]}")
# All of them at once; one by one only to say which.
if ! "$formatter" --dry-run -Werror "${files[@]}" >/dev/null 2>&1; then
    for file in "${files[@]}"; do
        if ! "$formatter" --dry-run -Werror "$file" >/dev/null 2>&1; then
            echo "NOT OK  $file is not formatted: clang-format -i $file"
            failures=$((failures + 1))
        fi
    done
fi
[ "$n_files" -gt 200 ] || { echo "NOT OK  only $n_files files" && exit 1; }
[ "$failures" -eq 0 ] && echo "ok      $n_files files"
[ "$failures" -eq 0 ]

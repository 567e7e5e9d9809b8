#!/bin/bash
# test_pointers.sh - every page, heading and file that a comment or a page points to is there.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Argument: the root of the source tree. Comments point to docs/PAGE.md, or to docs/PAGE.md,
# "Heading"; pages have links ](path) and ](path#heading), name files of the tree in backquotes, and
# point as comments do.
# shellcheck disable=SC2016  # backquotes are those of pages
set -u
cd "${1:?the root of the source tree}" || exit 1
failures=0 n_seen=0

wrong() {
    echo "NOT OK  $*"
    failures=$((failures + 1))
}

headings() { # page: its headings, one a line
    sed -n 's/^##* //p' "$1"
}

anchors() { # page: its headings as links name them
    headings "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# A file as one line, so that a pointer may be broken over two lines of a comment.
one_line() {
    sed 's/^ *\*\{0,1\} *//' "$1" | tr '\n' ' '
}

for file in src/*/*.[ch] src/*/*/*.[ch] src/*/*.def include/xo/*.h tests/*.[ch] cmake/* CMakeLists.txt tests/CMakeLists.txt docs/*.md README.md CONTRIBUTING.md; do
    [ "$file" = docs/changelog.md ] && continue # of what was
    while read -r pointer; do
        [ -n "$pointer" ] || continue
        n_seen=$((n_seen + 1))
        page=${pointer%%.md*}.md
        page=docs/${page#docs/}
        heading=$(sed -n 's/^[^"]*"\(.*\)"$/\1/p' <<<"$pointer")
        if [ ! -e "$page" ]; then
            [ -e "${page#docs/}" ] || wrong "$file points to $page, which is not there"
        elif [ -n "$heading" ] && ! headings "$page" | grep -qxF "$heading"; then
            wrong "$file points to $page, \"$heading\", which has no such heading"
        fi
    done < <(one_line "$file" | grep -oE '(docs/)?[A-Za-z_]+\.md(\)?, "[^"]+")?' | grep -vE '^(validate|scenario)\.md$')
done

for page in docs/*.md README.md CONTRIBUTING.md; do
    while read -r link; do
        n_seen=$((n_seen + 1))
        target=${link%%#*} anchor=
        [[ $link == *#* ]] && anchor=${link#*#}
        where=$(dirname "$page")/$target
        [ -n "$target" ] || where=$page
        if [ ! -e "$where" ]; then
            wrong "$page links to $link, which is not there"
        elif [ -n "$anchor" ] && ! anchors "$where" | grep -qxF "$anchor"; then
            wrong "$page links to $link, which has no such heading"
        fi
    done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -vE '^(https?|mailto):')
    while read -r path; do
        n_seen=$((n_seen + 1))
        # shellcheck disable=SC2086  # the page may name several by a pattern
        ls -d $path >/dev/null 2>&1 || wrong "$page names $path, which is not there"
    done < <(grep -oE '`(src|include|tests|cmake|scenarios|docs|plots|examples)/[A-Za-z0-9_./*-]+`' "$page" | tr -d '`' | grep -v '^docs/images/$')
done
# Names that the recipes tell to change or to look at.
while read -r name; do
    n_seen=$((n_seen + 1))
    grep -rqF --include=*.[ch] --include=*.def -e "$name" src include || wrong "CONTRIBUTING.md names $name, which no file has"
done < <(sed -n '/^## Recipes/,/^## /p' CONTRIBUTING.md | grep -oE '`[A-Za-z]+_[A-Za-z_]+`' | tr -d '`')
[ "$n_seen" -gt 50 ] || wrong "only $n_seen pointers seen"
[ "$failures" -eq 0 ] && echo "ok      $n_seen pointers lead somewhere"
[ "$failures" -eq 0 ]

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

# Headings as "PAGE:TEXT", and as links name them. All files are read by one program: to start one a
# pointer took half a minute.
pages=(docs/*.md README.md CONTRIBUTING.md)
declare -A is_heading is_anchor
while IFS=: read -r page heading; do
    is_heading[$page:$heading]=1
    anchor=${heading,,}
    anchor=${anchor//[^a-z0-9 _-]/}
    is_anchor[$page:${anchor// /-}]=1
done < <(grep -HE '^#+ ' "${pages[@]}" | sed 's/:##* /:/')

# A pointer may be broken over two lines of a comment.
while IFS= read -r -d '' hit; do
    file=${hit%%:*} pointer=${hit#*:}
    [ "$file" = docs/changelog.md ] && continue # of what was
    [[ $pointer == validate.md || $pointer == scenario.md ]] && continue
    n_seen=$((n_seen + 1))
    page=${pointer%%.md*}.md
    page=docs/${page#docs/}
    heading=
    [[ $pointer =~ ^[^\"]*\"(.*)\"$ ]] && heading=${BASH_REMATCH[1]}
    if [ ! -e "$page" ]; then
        [ -e "${page#docs/}" ] || wrong "$file points to $page, which is not there"
    elif [ -n "$heading" ] && [ -z "${is_heading[$page:$heading]:-}" ]; then
        wrong "$file points to $page, \"$heading\", which has no such heading"
    fi
done < <(grep -zoHE '(docs/)?[A-Za-z_]+\.md(\)?,[[:space:]]+(\* *)?"[^"]+")?' \
    src/*/*.[ch] src/*/*/*.[ch] src/*/*.def include/xo/*.h tests/*.[ch] cmake/* CMakeLists.txt \
    tests/CMakeLists.txt "${pages[@]}" | sed -z 's/\n *\*\{0,1\} */ /g')

while IFS=: read -r page link; do
    n_seen=$((n_seen + 1))
    target=${link%%#*} anchor=
    [[ $link == *#* ]] && anchor=${link#*#}
    where=$target
    [[ $page == docs/* ]] && where=docs/$target
    [ -n "$target" ] || where=$page
    if [ ! -e "$where" ]; then
        wrong "$page links to $link, which is not there"
    elif [ -n "$anchor" ] && [ -z "${is_anchor[$(realpath --relative-to=. "$where"):$anchor]:-}" ]; then
        wrong "$page links to $link, which has no such heading"
    fi
done < <(grep -HoE '\]\([^)]+\)' "${pages[@]}" | sed 's/:\](/:/; s/)$//' | grep -vE '^[^:]*:(https?|mailto):')

while IFS=: read -r page path; do
    n_seen=$((n_seen + 1))
    # the page may name several by a pattern
    compgen -G "$path" >/dev/null || wrong "$page names $path, which is not there"
done < <(grep -HoE '`(src|include|tests|cmake|scenarios|docs|plots|examples)/[A-Za-z0-9_./*-]+`' "${pages[@]}" | tr -d '`' | grep -v ':docs/images/$')

# Names that the recipes tell to change or to look at.
sources=$(grep -rhE --include=*.[ch] --include=*.def '_' src include)
while read -r name; do
    n_seen=$((n_seen + 1))
    [[ $sources == *"$name"* ]] || wrong "CONTRIBUTING.md names $name, which no file has"
done < <(sed -n '/^## Recipes/,/^## /p' CONTRIBUTING.md | grep -oE '`[A-Za-z]+_[A-Za-z_]+`' | tr -d '`')
[ "$n_seen" -gt 50 ] || wrong "only $n_seen pointers seen"
[ "$failures" -eq 0 ] && echo "ok      $n_seen pointers lead somewhere"
[ "$failures" -eq 0 ]

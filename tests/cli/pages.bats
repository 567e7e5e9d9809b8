#!/usr/bin/env bats
# pages.bats - the manual and the completions that are made from the tables.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

options_of() { # verb: its long options, one a line; every verb has some
    crossover "$1" --help | sed -n 's/^ *\(-., \)\?--\([a-z-]*\).*/\2/p' | sort -u | grep . || echo none-for-$1
}

@test "the manual has every verb, option, section and exit status" {
    for verb in init check data run curve map horizon sweep help; do
        grep -q "^\.It Nm Cm $verb\b" "$PAGES/crossover.1"
        for option in $(options_of "$verb"); do
            grep -qF "Fl \\-${option//-/\\-}" "$PAGES/crossover.1"
        done
    done
    for status in 0 1 2 4 130; do
        grep -qx "\.It $status" "$PAGES/crossover.1"
    done
    for section in scenario workload slo buy build study; do
        grep -q "^\.Ss.*\[$section" "$PAGES/crossover-scenario.5"
    done
    run ! grep -n '^@' "$PAGES/crossover.1" "$PAGES/crossover-scenario.5"
}

@test "the manual is sound mdoc" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    run -0 mandoc -Tlint -W warning "$PAGES/crossover.1" "$PAGES/crossover-scenario.5"
}

@test "zsh and fish complete every verb and option" {
    for verb in init check data run curve map horizon sweep help; do
        grep -q "'$verb:" "$PAGES/_crossover"
        grep -q "use_subcommand -a $verb " "$PAGES/crossover.fish"
        for option in $(options_of "$verb"); do
            grep -q -e "--$option" "$PAGES/_crossover"
            grep -q -e "-l $option " "$PAGES/crossover.fish"
        done
    done
}

@test "zsh and fish say what a verb does as the help says it, and escape no more than they must" {
    for verb in check run curve map horizon sweep; do
        summary=$(crossover help | sed -n "s/^  $verb SCENARIO  *//p")
        [ -n "$summary" ]
        grep -qF -e "'$verb:${summary//:/\\:}'" "$PAGES/_crossover"
        grep -qF -e "-a $verb -d '$summary'" "$PAGES/crossover.fish"
    done
    grep -qF '[color messages\: auto' "$PAGES/_crossover" # a colon would begin what the value is
    grep -qF "'color messages: auto" "$PAGES/crossover.fish"
}

@test "zsh and fish find no fault in their files" {
    command -v zsh >/dev/null || command -v fish >/dev/null || skip "neither zsh nor fish is installed"
    ! command -v zsh >/dev/null || zsh -n "$PAGES/_crossover"
    ! command -v fish >/dev/null || fish -n "$PAGES/crossover.fish"
}

# What bash would offer after these words; the last one is being typed.
offered() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    compopt() { :; } # there is no line to edit here
    _crossover
    printf '%s\n' "${COMPREPLY[@]}"
}

@test "bash completes verbs, scenarios, options and their values" {
    # shellcheck source=/dev/null
    . "$PAGES/crossover"
    run offered crossover ""
    for verb in init check data run curve map horizon sweep help my.ini; do has_line "$verb" "$output"; done
    for verb in init check data run curve map horizon sweep help; do
        run offered crossover "$verb" --
        for option in $(options_of "$verb"); do has_line "--$option" "$output"; done
    done
    run offered crossover ru
    [ "$output" = run ]
    run offered crossover run ""
    [ "$output" = my.ini ]
    run offered crossover curve my.ini --format j
    [ "$output" = json ]
    run offered crossover my.ini --fail-on no
    [ "$output" = no-crossover ]
    run offered crossover run my.ini --fail-on no
    [ -z "$output" ]
    run offered crossover data ap
    [ "$output" = apis ]
    touch runs.csv
    run offered crossover data validate ""
    [ "$output" = runs.csv ]
    run offered crossover data validate runs.csv --no
    [ "$output" = --no-plots ]
    run offered crossover run my.ini --set build.tensor
    [ "$output" = build.tensor_parallel= ]
    mkdir results
    for option in --out -o; do # the short form too
        run offered crossover run my.ini "$option" re
        [ "$output" = results ]
    done
}

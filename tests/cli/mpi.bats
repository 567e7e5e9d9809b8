#!/usr/bin/env bats
# mpi.bats - crossover-mpi: the same bytes on any number of ranks, and what is left when one dies.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

ranks() { # how many, arguments of crossover-mpi
    timeout 120 mpirun --oversubscribe -n "$1" "$CROSSOVER_MPI" sweep "${@:2}"
}

needs_ranks() {
    mpirun --oversubscribe -n 2 true >/dev/null 2>&1 ||
        skip "mpirun does not start two processes here (as root it wants to be told that it may)"
}

sweepable() {
    cat >>my.ini <<'INI'
samples            = 2000

[uncertain]
build.rent        = triangular($2.20/hour, $3.95/hour, $5.40/hour)
build.staff_scale = triangular(0.5, 1, 2)
INI
}

@test "1, 2 and 4 ranks write the bytes of one process" {
    needs_ranks
    sweepable
    crossover sweep my.ini --no-plots -q --out one >one.txt
    for n in 1 2 4; do
        ranks "$n" my.ini --no-plots -q --out "ranks$n" >ranks.txt
        cmp one.txt ranks.txt
        for file in samples.csv sweep.csv sweep.json sweep.txt; do
            cmp "one/$file" "ranks$n/$file"
        done
    done
}

@test "a rank that dies: a clear end, finished samples on disk, and --resume goes on" {
    needs_ranks
    sweepable
    ranks 3 my.ini --no-plots -q --samples 3000000 --out cut >cut.txt 2>cut.err &
    local job=$! ended=0
    for _ in $(seq 100); do
        sleep 0.1
        grep -q '^s ' cut/sweep.journal 2>/dev/null && break
    done
    local pid victim=
    for pid in $(pgrep -f "$CROSSOVER_MPI sweep my.ini"); do # rank 0 owns the journal: not it
        grep -qz '^OMPI_COMM_WORLD_RANK=2$' "/proc/$pid/environ" && victim=$pid
    done
    kill -9 "$victim"
    wait "$job" || ended=$?
    [ "$ended" -ne 0 ]
    has "--resume goes on" "$(cat cut.err)"
    grep -q '^s ' cut/sweep.journal
}

@test "what it cannot do is said" {
    needs_ranks
    run -2 --separate-stderr timeout 60 mpirun -n 1 "$CROSSOVER_MPI" curve my.ini
    has "crossover-mpi runs sweep" "$stderr"
}

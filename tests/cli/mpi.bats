#!/usr/bin/env bats
# mpi.bats - crossover-mpi: the same bytes on any number of ranks, and what is left when one dies.
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154  # $output, $stderr and $status are set by `run`
load helper

# Containers run tests as root, on fewer cores than ranks.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_hwloc_base_binding_policy=none

# Where Open MPI cannot start (no network interface, no shared memory) there is nothing to test.
setup_file() {
    timeout 60 mpirun --oversubscribe -n 2 "$CROSSOVER_MPI" --version >"$BATS_FILE_TMPDIR/why" 2>&1 ||
        touch "$BATS_FILE_TMPDIR/no-ranks"
}
eval "$(declare -f setup | sed '1s/setup/enter_folder/')"
setup() {
    enter_folder
    [ ! -e "$BATS_FILE_TMPDIR/no-ranks" ] ||
        skip "mpirun does not start two ranks here: $(tail -n 1 "$BATS_FILE_TMPDIR/why")"
}

ranks() { # how many, arguments of crossover-mpi
    timeout 300 mpirun --oversubscribe -n "$1" "$CROSSOVER_MPI" "${@:2}"
}

sweepable() {
    cat >>my.ini <<'INI'
samples            = 2000

[uncertain]
build.rent        = triangular($2.20/hour, $3.95/hour, $5.40/hour)
build.staff_scale = triangular(0.5, 1, 2)
INI
}

# On 4 ranks and more, other ranks make the lines of samples, 1,024 at a time.
@test "sweep: 1, 2, 3, 4 and 6 ranks write the bytes of one process" {
    sweepable
    sed -i 's/^samples .*/samples = 5000/' my.ini
    sed -i 's/^tpot_p95 .*/tpot_p95 = 60 ms/' my.ini # which takes a search
    crossover sweep my.ini --no-plots -q --out one >one.txt
    for n in 1 2 3 4 6; do
        ranks "$n" sweep my.ini --no-plots -q --out "ranks$n" >ranks.txt
        cmp one.txt ranks.txt
        for file in samples.csv sweep.csv sweep.json sweep.txt; do
            cmp "one/$file" "ranks$n/$file"
        done
        [ ! -e "ranks$n/sweep.journal" ]
    done
}

@test "map: 2 and 4 ranks write the bytes of one process, surrogate and all" {
    local map=(map my.ini --x workload.volume --y workload.prompt_scale=0.8..1.6 --cells 7x5
        --no-plots -q)
    sed -i 's/^prompt .*/prompt = 300 tokens/; s/^output .*/output = 40 tokens/' my.ini
    crossover "${map[@]}" --out one >one.txt
    grep -q surrogate one/map.json
    for n in 2 4; do
        ranks "$n" "${map[@]}" --out "ranks$n" >ranks.txt
        cmp one.txt ranks.txt
        for file in map.csv frontier.csv map.json; do
            cmp "one/$file" "ranks$n/$file"
        done
    done
}

# A curve in a folder of its own, so that its manifest is that of the others.
curve_on() { # folder, how many ranks; 0: one process
    mkdir "$1" && cd "$1" || return
    if [ "$2" = 0 ]; then
        crossover curve ../my.ini --no-plots -q >curve.txt
    else
        timeout 300 mpirun --oversubscribe -n "$2" env LD_PRELOAD="$COUNT_RESULTS" \
            "$CROSSOVER_MPI" curve ../my.ini --no-plots -q >curve.txt 2>../"$1.err"
    fi
    cd ..
}
results() { # file, rank; without one those of all
    awk -v rank="${2-}:" '/^rank .* results$/ && (rank == ":" || rank == $2) { n += $3 } END { print n + 0 }' "$1"
}

@test "curve: 2 and 3 ranks write the bytes of one process, and share the points of its design" {
    sweepable
    sed -i 's/^prompt .*/prompt = 300 tokens/; s/^output .*/output = 40 tokens/' my.ini
    curve_on money 2 # no input reaches the simulation
    echo 'workload.prompt_scale = uniform(0.8, 1.3)' >>my.ini
    curve_on one 0
    points=$(jq '.verdict.surrogates[0].design_points' one/out/curve.json)
    [ "$points" -ge 24 ]
    for n in 2 3; do
        curve_on "ranks$n" "$n"
        diff -r one "ranks$n"
    done
    # By hand: the points of a design over one input, 24 at first, 16 held out, 5 of these under 2
    # other seeds.
    cat ./*.err
    [ $(($(results ranks2.err) - $(results money.err))) = $((points + 16 + 5 * 2)) ]
    [ "$(results ranks3.err)" = "$(results ranks2.err)" ]
    [ "$(results ranks3.err 1)" -ge 20 ]
    [ "$(results ranks3.err 2)" -ge 20 ]
}

# By hand: 2 ranks have 2 x 16 ranges of the first 2,000 samples and 2 x 16 of the others.
@test "sweep: of 64 ranges of samples for 2 ranks, rank 0 does some" {
    sweepable
    timeout 300 mpirun --oversubscribe -n 2 env LD_PRELOAD="$COUNT_RESULTS" \
        "$CROSSOVER_MPI" sweep my.ini --samples 20000 --no-plots -q >/dev/null 2>few.err
    timeout 300 mpirun --oversubscribe -n 2 env LD_PRELOAD="$COUNT_RESULTS" \
        "$CROSSOVER_MPI" sweep my.ini --shard 0/1 --out base --no-plots -q >/dev/null 2>base.err
    cat few.err base.err
    local ranges=$(($(results few.err 1) - $(results base.err 1)))
    [ "$ranges" -ge 1 ]
    [ "$ranges" -le 60 ]
}

# Each rank writes its process down and becomes crossover-mpi; the last one is killed as soon as
# samples are on disk. There are far more of them than any machine draws before that.
@test "a rank that dies: a clear end, finished samples on disk, and --resume goes on" {
    sweepable
    cat >rank.sh <<'SH'
echo $$ >"rank.$OMPI_COMM_WORLD_RANK"
exec "$CROSSOVER_MPI" "$@"
SH
    local many=(sweep my.ini --no-plots -q --method mc --samples 20000000)
    # ranks that share a busy core may take more than the second that mpirun leaves them to say so
    timeout 300 mpirun --mca odls_base_sigkill_timeout 4 --oversubscribe -n 3 \
        sh rank.sh "${many[@]}" --out cut >cut.txt 2>cut.err &
    local job=$! ended=0
    until grep -q '^s ' cut/sweep.journal 2>/dev/null; do
        kill -0 "$job" # it would be over: nothing to wait for
        sleep 0.05
    done
    kill -9 "$(cat rank.2)"
    wait "$job" || ended=$?
    [ "$ended" -ne 0 ]
    cat cut.err
    grep -q "told to end (a rank died, .* same command with --resume goes on" cut.err
    [ ! -s cut.txt ]
    [ ! -e cut/samples.csv ]
    # Going on simulates nothing again and loses no sample: refused for another number of samples,
    # taken up for this one until it is interrupted in its turn.
    local before
    before=$(grep -c '^s ' cut/sweep.journal)
    run -2 --separate-stderr ranks 2 sweep my.ini --no-plots -q --out cut --resume
    has "study.samples was 20000000 and is 2000" "$stderr"
    timeout 300 mpirun --oversubscribe -n 2 sh rank.sh "${many[@]}" --out cut --resume \
        >again.txt 2>again.err &
    job=$!
    until [ "$(grep -c '^s ' cut/sweep.journal)" -gt "$before" ]; do
        kill -0 "$job"
        sleep 0.05
    done
    kill -TERM "$(cat rank.0)"
    wait "$job" || :
    grep -q "told to end (a rank died, .* same command with --resume goes on" again.err
    [ "$(grep -c '^t ' cut/sweep.journal)" = 1 ]
}

@test "a sweep that lost a rank ends with the bytes of one process" {
    sweepable
    crossover sweep my.ini --no-plots -q --out one >one.txt
    crossover sweep my.ini --no-plots -q --out cut --shard 1/1 # a journal, to be cut as by a death
    head -c "$(($(stat -c %s cut/shard-1-of-1.journal) * 3 / 4))" cut/shard-1-of-1.journal \
        >cut/sweep.journal
    ranks 3 sweep my.ini --no-plots -q --out cut --resume >cut.txt
    cmp one.txt cut.txt
    cmp one/samples.csv cut/samples.csv
}

@test "what it cannot do is said, once" {
    run -2 --separate-stderr ranks 2 check my.ini
    [ "$(grep -c "crossover-mpi runs" <<<"$stderr")" = 1 ]
    run -2 --separate-stderr ranks 2 map my.ini --x workload.volume --y buy.price_scal
    [ "$(grep -c 'did you mean "buy.price_scale"' <<<"$stderr")" = 1 ]
    run -2 --separate-stderr ranks 2 sweep nowhere.ini
    [ "$(grep -c "nowhere.ini" <<<"$stderr")" -ge 1 ]
}

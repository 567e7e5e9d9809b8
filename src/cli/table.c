/* table.c - every verb and every option, one row each.
 *
 * Parsing, help, completions and manual pages are made from these rows; what an option does stands
 * in parse.c (apply), what a verb does in the function that its row names.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "xo/table.h"
#include "cli.h"

#include <string.h>

static const char *const data_kinds[] = { "gpus",      "models", "apis", "validate",
                                          "calibrate", "step",   NULL };

const struct cli_verb cli_verbs[] = {
    { "init",
      "",
      CLI_INIT,
      "Prepare",
      "write a scenario",
      0,
      0,
      NULL,
      "Write a commented scenario to edit.",
      { { "crossover init > my.ini", "the place to begin" },
        { "crossover init --out mine.ini", "the same, but never over a file that exists" },
        { "crossover init | crossover check -",
          "what its values mean, and where they come from" } },
      "The scenario asks a question about a support bot. A value that starts with `?` is a guess: "
      "it\n"
      "is used and counted, and while one is left the verdict says DRAFT. Replace the value, "
      "delete\n"
      "the mark. `crossover help scenario` lists every key.\n",
      cli_init },
    { "check",
      "SCENARIO",
      CLI_CHECK,
      "Prepare",
      "read it; every value and its source",
      1,
      1,
      NULL,
      "Read a scenario and show every value as understood, and where it came from.",
      { { "crossover check my.ini", "all values, and all problems in one go" },
        { "crossover check my.ini --set build.gpu=h200", "the same with one value changed" },
        { "crossover check my.ini --resolved > frozen.ini", "a copy that reruns in a year" } },
      "Look here before you believe a verdict: the ledger shows which effects count on which "
      "side,\n"
      "and with [actual] in the scenario your real invoice is rebuilt line by line. Nothing is\n"
      "simulated. A scenario with errors exits with 2; warnings alone do not.\n",
      cli_check },
    { "data",
      "gpus|models|apis [NAME]",
      CLI_DATA,
      "Prepare",
      "GPUs, models, prices, calibration",
      1,
      2,
      data_kinds,
      "Show what the built-in catalogs know, each entry with its source and date.",
      { { "crossover data gpus", "all GPUs: memory, bandwidth, rent" },
        { "crossover data models llama-3.3-70b", "one model in full" },
        { "crossover data models --gpu h100-sxm", "how many GPUs hold each, and its KV room" } },
      "The names listed are the ones that scenarios use: build.gpu, build.model, buy.api. The\n"
      "beginning of several names lists those (data models qwen3). A scenario may override any\n"
      "value. Nothing is fetched from a network. With --gpu a model stands in the type of its\n"
      "weights on the fewest of 1, 2, 4, 8 GPUs that hold it, as vLLM runs it that is told no\n"
      "more: weights on a GPU, KV tokens as vLLM prints them, and the longest request; else why\n"
      "none do.\n",
      cli_data },
    { "data validate",
      "MEASURED.csv",
      CLI_VALIDATE,
      "Prepare",
      "the model against measurements",
      1,
      1,
      NULL,
      "Simulate published benchmark runs and show how far the predictions are off.",
      { { "crossover data validate measured.csv", "errors by dataset, GPU, model, engine, load" },
        { "crossover data validate measured.csv --out val",
          "every row, summary and plots as files" },
        { "crossover data validate mine.csv --format csv", "your own runs, row by row" } },
      "The file is CSV, also packed by gzip or zstd; the first line names its columns. It\n"
      "needs model, gpu, engine and load_kind (offline_max, concurrency, rate, trace); and\n"
      "takes id, dataset, quality, engine_version, base_model, precision_weights,\n"
      "precision_kv, n_gpus, tp, pp, ep, isl, osl, load_value, n_requests, kv_room_tokens\n"
      "(as the engine's log has it, of one attention rank), notes,\n"
      "output_tok_s_total, and ttft_, tpot_ or e2e_ with mean, p50, p90, p95 or p99 and _ms.\n"
      "The load_value of a trace is a request log beside the file; where that has\n"
      "first_token_s and last_token_s, they are what was measured. Left out,\n"
      "precision_weights is what the checkpoint's name says (...-FP8), else as the model was\n"
      "released. Every row is simulated the way it was run, without a look at its result. A\n"
      "row of a GPU, model, engine or data type that is not known, or with a value that\n"
      "cannot be read, is skipped with a warning and counted.\n",
      cli_validate },
    { "data calibrate",
      "SCENARIO BENCH.csv",
      CLI_CALIBRATE,
      "Prepare",
      "constants from your benchmark",
      2,
      2,
      NULL,
      "Fit the timing of one deployment to benchmark rows of your own.",
      { { "crossover data calibrate my.ini bench.csv", "what a fit would gain" },
        { "crossover data calibrate my.ini bench.csv --out calibrated.ini",
          "and the constants as a file" },
        { "crossover run my.ini --set build.include=calibrated.ini", "with them" } },
      "The rows have the columns of crossover data validate, at least three of the GPU, model,\n"
      "engine, data types and parallelism of [build]; others are skipped. A request log with\n"
      "times is cut into parts and is enough by itself. BENCH may also hold results of vllm bench\n"
      "serve or sglang.bench_serving in JSON, one after another; what they do not say (GPU,\n"
      "parallelism, data types) is that of [build]. Loads from one request in flight to many, and\n"
      "short and long prompts, tell the most. Rows are left out by turns; if the others do not\n"
      "predict them better than the defaults did, the defaults are kept.\n",
      cli_calibrate },
    { "data step",
      "SCENARIO",
      CLI_STEP,
      "Prepare",
      "one forward pass, part by part",
      1,
      1,
      NULL,
      "Show what one step of this build takes, part by part.",
      { { "crossover data step my.ini --batch 32 --kv 64000",
          "32 sequences of 2,000 tokens decode" },
        { "crossover data step my.ini --prefill 2048", "a lone prompt" },
        { "crossover data step my.ini --batch 8 --kv 9000 --prefill 512 --format json",
          "both at once, for a program" } },
      "A step is one forward pass of one replica. For each part: the time of its bytes alone, of "
      "its\n"
      "flops alone, and what the two take together; the parts add up to the step that run and "
      "curve\n"
      "simulate with (docs/model.md). With it the weights on a GPU and the KV room of a replica.\n",
      cli_step },
    { "run",
      "SCENARIO",
      CLI_RUN,
      "Decide",
      "the bills at your volume",
      1,
      1,
      NULL,
      "Work out the bills of buying and of this build at the planned volume.",
      { { "crossover run my.ini", "fleet, latency and both bills, item by item" },
        { "crossover run my.ini --set \"workload.volume=200k requests/day\"", "at another volume" },
        { "crossover run my.ini --format json --quiet", "for a program" } },
      "The fleet is the smallest that meets the SLO of the scenario in the busiest hour of the "
      "week;\n"
      "spare replicas and headroom come on top, each on its own line. Files are written only with\n"
      "--out.\n",
      cli_run },
    { "curve",
      "SCENARIO",
      CLI_CURVE,
      "Decide",
      "where the answer flips",
      1,
      1,
      NULL,
      "Find the volume at which this build becomes cheaper than buying.",
      { { "crossover my.ini", "short for: crossover curve my.ini" },
        { "crossover curve my.ini --set build.gpu=h200 --out out-h200",
          "another GPU, nothing else changed" },
        { "crossover curve - --format json --no-plots < my.ini", "in a pipe" } },
      "Three lines are drawn over the volume: the API you would buy, the same weights by the "
      "token,\n"
      "and the build as a staircase of whole replicas. Every crossing is reported with its range "
      "over\n"
      "what is uncertain, then a verdict, and what single change would flip it. Tables, plots and\n"
      "manifest.json go to the folder `out`, or to that of --out.\n",
      cli_curve },
    { "map",
      "SCENARIO",
      CLI_MAP,
      "Decide",
      "two things vary: who wins",
      1,
      1,
      NULL,
      "Draw who wins, and by how much, while two keys of the scenario vary.",
      { { "crossover map my.ini --x workload.volume --y buy.price_scale=0.25..4",
          "volume against API price" },
        { "crossover map my.ini --x workload.prompt_scale=1..4 --y build.rent",
          "prompt length against GPU rent" },
        { "crossover map my.ini --x workload.volume --y build.rent --cells 81x61",
          "volume against GPU rent, finer" } },
      "An axis is a key with a number, and a range FROM..TO in the words of a scenario; without\n"
      "one it reaches from a tenth of the scenario's own value to ten times it. Without --x or\n"
      "--y the axes are those of [map] in the scenario. Keys that reach the\n"
      "simulation go through a surrogate of capacity that is checked against simulations. The\n"
      "frontier, where both sides cost the same, is refined beyond the cells. What is finished is\n"
      "kept in map.journal: after Ctrl-C or a crash, the same command with --resume goes on.\n"
      "Files go to the folder `out`, or to that of --out.\n",
      cli_map },
    { "horizon",
      "SCENARIO",
      CLI_HORIZON,
      "Decide",
      "month by month: payback, when to switch",
      1,
      1,
      NULL,
      "Follow both sides month by month: costs, payback, and when to switch.",
      { { "crossover horizon my.ini --set horizon.growth=4%/month", "36 months of a volume that "
                                                                    "grows" },
        { "crossover horizon my.ini --set \"horizon.api_steps=2027-06-01 -20%\" --out cut",
          "what a cut of API prices does" },
        { "crossover horizon my.ini --format csv --quiet > months.csv", "for a spreadsheet" } },
      "The section [horizon] says how the volume goes (growth, a ceiling, or a CSV of months), "
      "how\n"
      "prices and engines change (dated steps, or by the year; nothing does by itself), and on "
      "what\n"
      "terms GPUs are held (lead time, reservations, parallel run). Sums are cash before tax: "
      "bills at\n"
      "the end of their month, one-offs and purchases at its start. For every way: payback, net\n"
      "present value, internal rate and the most that is laid out; the best month to switch; what\n"
      "waiting costs; and the volume, rent and API price at which the decision flips, with the "
      "month\n"
      "in which the path comes there. It simulates what curve does, and no more. Files go to the\n"
      "folder `out`, or to that of --out.\n",
      cli_horizon },
    { "sweep",
      "SCENARIO",
      CLI_SWEEP,
      "Decide",
      "how sure, and what moves it",
      1,
      1,
      NULL,
      "Draw what is not known many times: how sure is the crossover, and what moves it?",
      { { "crossover sweep my.ini", "all of [uncertain] at once" },
        { "crossover sweep my.ini --samples 100000 --precision 2% --resume",
          "long and exact; goes on where it was killed" },
        { "crossover sweep my.ini --shard 3/20 --out s", "a twentieth; later: sweep my.ini --join "
                                                         "--out s" } },
      "Give keys of the scenario a distribution in its section [uncertain]; `crossover check` "
      "shows\n"
      "them. Each sample yields the crossing, both bills and the fleet; samples that differ in "
      "money\n"
      "alone reuse simulations, the others a surrogate of capacity. Every finished sample is on "
      "disk\n"
      "seconds later, in sweep.journal: after Ctrl-C or a crash, the same command with --resume "
      "ends\n"
      "with the same bytes. Files go to the folder `out`, or to that of --out.\n",
      cli_sweep },
    { "help",
      "[COMMAND|scenario]",
      CLI_HELP,
      "Learn",
      "how a command works",
      0,
      1,
      NULL,
      "Explain a command, or every key of a scenario.",
      { { "crossover help curve", "the same as crossover curve --help" },
        { "crossover help scenario", "every key: unit, default, meaning" },
        { "crossover help", "all commands and options" } },
      "",
      cli_help },
};
const int cli_n_verbs = (int)(sizeof cli_verbs / sizeof *cli_verbs);

static const char *const formats[] = { "table", "csv", "json", NULL };
XO_TABLE_OF(formats, XO_N_FORMATS + 1);
static const char *const color_words[] = { "auto", "always", "never", NULL };
XO_TABLE_OF(color_words, CLI_N_COLORS + 1);
const char *const cli_conditions[] = { "buy",       "build",        "infeasible",
                                       "too-close", "no-crossover", NULL };
XO_TABLE_OF(cli_conditions, CLI_N_CONDITIONS + 1);
static const char *const methods[] = { "mc", "lhs", "sobol", NULL };
XO_TABLE_OF(methods, XO_N_SAMPLINGS + 1);
static const char *const axis_words[] = { "auto", "log", "linear", NULL };
XO_TABLE_OF(axis_words, XO_N_MAP_SCALES + 1);
static const char *const run_conditions[] = { "buy", "build", "infeasible", "too-close", NULL };
XO_TABLE_OF(run_conditions, CLI_N_CONDITIONS); /* all but the last */

enum {
    STUDIES = CLI_RUN | CLI_CURVE | CLI_HORIZON | CLI_SWEEP | CLI_MAP,
    READERS = CLI_CHECK | CLI_CALIBRATE | CLI_STEP | STUDIES,
    PRINTERS = CLI_DATA | CLI_VALIDATE | READERS,
    PAGES = CLI_INIT | CLI_CHECK | CLI_DATA,
    EVERY = CLI_INIT | CLI_HELP | CLI_NO_VERB | PRINTERS
};

const struct cli_option cli_options[] = {
    { CLI_SET, "set", 0, CLI_KEY, "SECTION.KEY=VALUE", NULL, READERS, "Scenario",
      "a value in place of the scenario's; may be repeated" },
    { CLI_SEED, "seed", 0, CLI_TEXT, "N", NULL, CLI_CHECK | STUDIES, "Scenario",
      "another seed: the same question with other random draws" },

    { CLI_GPU, "gpu", 0, CLI_TEXT, "GPU", NULL, CLI_DATA, "Catalog",
      "of models: how many of these GPUs hold each, and what is left for its KV cache" },

    { CLI_BATCH, "batch", 0, CLI_TEXT, "B", NULL, CLI_STEP, "Step",
      "sequences that decode a token" },
    { CLI_KV, "kv", 0, CLI_TEXT, "K", NULL, CLI_STEP, "Step",
      "tokens that those attend to, all of them together, each its new one included" },
    { CLI_PREFILL, "prefill", 0, CLI_TEXT, "P", NULL, CLI_STEP, "Step",
      "tokens of a prompt that ends in this step" },
    { CLI_REREAD, "reread", 0, CLI_TEXT, "R", NULL, CLI_STEP, "Step",
      "tokens of that prompt in chunks before; default: none" },

    { CLI_FORMAT, "format", 0, CLI_WORD, "FORMAT", formats, PRINTERS, "Output",
      "what to print on stdout: table (default), csv or json" },
    { CLI_OUT, "out", 'o', CLI_FOLDER, "DIR", NULL, CLI_CURVE | CLI_HORIZON | CLI_SWEEP | CLI_MAP,
      "Output", "the folder for tables, plots and manifest.json; default: out" },
    { CLI_OUT, "out", 'o', CLI_FOLDER, "DIR", NULL, CLI_RUN, "Output",
      "write tables and manifest.json to this folder; default: no files" },
    { CLI_OUT, "out", 'o', CLI_FILE, "FILE", NULL, PAGES, "Output",
      "write to this file instead of stdout; it must not exist" },
    { CLI_OUT, "out", 'o', CLI_FILE, "FILE", NULL, CLI_CALIBRATE, "Output",
      "write the constants to this file, which must not exist; default: no file" },
    { CLI_FORCE, "force", 0, CLI_NOTHING, NULL, NULL, PAGES | CLI_CALIBRATE, "Output",
      "let --out replace a file that exists" },
    { CLI_FORCE, "force", 0, CLI_NOTHING, NULL, NULL, CLI_RUN | CLI_CURVE | CLI_HORIZON, "Output",
      "let --out replace the results of another scenario" },
    { CLI_FORCE, "force", 0, CLI_NOTHING, NULL, NULL, CLI_SWEEP | CLI_MAP, "Output",
      "begin anew where an unfinished study or the results of another scenario lie" },
    { CLI_NO_PLOTS, "no-plots", 0, CLI_NOTHING, NULL, NULL,
      CLI_CURVE | CLI_HORIZON | CLI_SWEEP | CLI_MAP, "Output",
      "draw nothing: CSV, JSON and manifest only" },
    { CLI_OUT, "out", 'o', CLI_FOLDER, "DIR", NULL, CLI_VALIDATE, "Output",
      "write rows, summary and plots to this folder; default: no files" },
    { CLI_NO_PLOTS, "no-plots", 0, CLI_NOTHING, NULL, NULL, CLI_VALIDATE, "Output",
      "draw nothing: CSV and JSON only" },
    { CLI_RESOLVED, "resolved", 0, CLI_NOTHING, NULL, NULL, CLI_CHECK, "Output",
      "print a frozen scenario with every catalog value written out" },

    { CLI_FAIL_ON, "fail-on", 0, CLI_WORD, "CONDITION", cli_conditions, CLI_CURVE, "Running",
      "exit with 4 if it holds at the planned volume: buy or build is cheaper, infeasible, "
      "too-close; or no-crossover at any volume; may be repeated" },
    { CLI_SAMPLES, "samples", 'n', CLI_TEXT, "N", NULL, CLI_SWEEP, "Sampling",
      "model runs at most; as study.samples" },
    { CLI_METHOD, "method", 0, CLI_WORD, "METHOD", methods, CLI_SWEEP, "Sampling",
      "mc (plain Monte Carlo), lhs (Latin hypercubes) or sobol (Sobol' points with random shifts); "
      "as study.sampling" },
    { CLI_PRECISION, "precision", 0, CLI_TEXT, "SHARE", NULL, CLI_SWEEP, "Sampling",
      "stop when the median crossover is known to +- this share (2%); as study.precision" },
    { CLI_RESUME, "resume", 0, CLI_NOTHING, NULL, NULL, CLI_SWEEP | CLI_MAP, "Long studies",
      "go on from what is finished in the folder of --out; without any, begin" },
    { CLI_SHARD, "shard", 0, CLI_TEXT, "I/N", NULL, CLI_SWEEP, "Long studies",
      "run only part I of N, for a batch system; nothing is printed but its progress. Part 0: the "
      "simulations alone, which the others then do not repeat" },
    { CLI_JOIN, "join", 0, CLI_NOTHING, NULL, NULL, CLI_SWEEP, "Long studies",
      "put together the shards in the folder of --out: the same bytes as one long sweep" },
    { CLI_X, "x", 0, CLI_KEY, "KEY[=FROM..TO]", NULL, CLI_MAP, "Axes",
      "what varies to the right; left out: x in [map] of the scenario" },
    { CLI_Y, "y", 0, CLI_KEY, "KEY[=FROM..TO]", NULL, CLI_MAP, "Axes",
      "what varies upwards; left out: y in [map] of the scenario" },
    { CLI_X_AXIS, "x-axis", 0, CLI_WORD, "SCALE", axis_words, CLI_MAP, "Axes",
      "auto (log where TO is at least 4 times FROM), log or linear; default: x_axis of [map]" },
    { CLI_Y_AXIS, "y-axis", 0, CLI_WORD, "SCALE", axis_words, CLI_MAP, "Axes", "the same for y" },
    { CLI_CELLS, "cells", 0, CLI_TEXT, "NXxNY", NULL, CLI_MAP, "Axes",
      "how many, right and up; default: columns and rows of [map], else 41x31" },
    { CLI_FAIL_ON, "fail-on", 0, CLI_WORD, "CONDITION", cli_conditions, CLI_SWEEP, "Running",
      "exit with 4 if it holds: buy or build is cheaper at the planned volume in over 80 % of "
      "samples, infeasible, too-close; or no-crossover in any sample; may be repeated" },
    { CLI_FAIL_ON, "fail-on", 0, CLI_WORD, "CONDITION", run_conditions, CLI_HORIZON, "Running",
      "exit with 4 if it holds over all months: buy is cheaper, build is cheaper from now on, "
      "infeasible, too-close; may be repeated" },
    { CLI_FAIL_ON, "fail-on", 0, CLI_WORD, "CONDITION", run_conditions, CLI_RUN, "Running",
      "exit with 4 if it holds: buy or build is cheaper, infeasible, too-close; may be repeated" },
    { CLI_THREADS, "threads", 0, CLI_TEXT, "N", NULL, STUDIES | CLI_CALIBRATE, "Running",
      "threads to use; default: study.threads, else one a core. Results do not depend on it" },
    { CLI_THREADS, "threads", 0, CLI_TEXT, "N", NULL, CLI_VALIDATE, "Running",
      "threads to use; default: one a core. Results do not depend on it" },

    { CLI_QUIET, "quiet", 'q', CLI_NOTHING, NULL, NULL, EVERY, "General",
      "no progress bar and no notes; warnings and errors stay" },
    { CLI_COLOR, "color", 0, CLI_WORD, "WHEN", color_words, EVERY, "General",
      "color messages: auto (default), always or never; NO_COLOR turns auto off" },
    { CLI_SHOW_HELP, "help", 'h', CLI_NOTHING, NULL, NULL, EVERY, "General", "this text" },
    { CLI_SHOW_VERSION, "version", 'V', CLI_NOTHING, NULL, NULL, EVERY, "General",
      "version, libraries, date of the catalogs, licence" },
};
const int cli_n_options = (int)(sizeof cli_options / sizeof *cli_options);

const struct cli_verb *cli_verb_find(const char *name)
{
    for (int i = 0; i < cli_n_verbs; i++)
        if (strcmp(cli_verbs[i].name, name) == 0)
            return &cli_verbs[i];
    return NULL;
}

const struct cli_verb *cli_verb_under(const struct cli_verb *verb, const char *word)
{
    const size_t length = strlen(verb->name);
    for (int i = 0; i < cli_n_verbs; i++) {
        const char *name = cli_verbs[i].name;
        if (strncmp(name, verb->name, length) == 0 && name[length] == ' ' &&
            strcmp(name + length + 1, word) == 0)
            return &cli_verbs[i];
    }
    return NULL;
}

bool cli_verb_is_under(const struct cli_verb *verb)
{
    return strchr(verb->name, ' ') != NULL;
}

const char *cli_verb_word(const struct cli_verb *verb)
{
    const char *blank = strchr(verb->name, ' ');
    return blank != NULL ? blank + 1 : verb->name;
}

const struct cli_option *cli_option_find(const char *name, unsigned bit)
{
    for (int i = 0; i < cli_n_options; i++)
        if ((cli_options[i].verbs & bit) != 0 && strcmp(cli_options[i].name, name) == 0)
            return &cli_options[i];
    return NULL;
}

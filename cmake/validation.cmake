# What docs/validation.md shows: tables to docs/validation_tables.md, plots to docs/images.
#   cmake -DSOURCE=.. -DBUILD=.. -DCROSSOVER=.. -DCALIBRATION=.. -DCROSSVAL=..
#     [-DMEASURED=file.csv] -P validation.cmake
# Without MEASURED: measurements beside the project where they are, else docs/validation_points.csv.
# SPDX-License-Identifier: GPL-3.0-or-later
set(beside "${SOURCE}/../shared/data/measured_dev.csv")
if(NOT MEASURED)
    set(MEASURED "${SOURCE}/docs/validation_points.csv")
    if(EXISTS "${beside}")
        set(MEASURED "${beside}")
    endif()
endif()
get_filename_component(file "${MEASURED}" NAME)
message(STATUS "validation: ${MEASURED}")

function(run variable)
    execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(out "${BUILD}/validation")
run(ignored "${CROSSOVER}" data validate "${MEASURED}" --out "${out}" --quiet)
file(READ "${out}/validate.md" validation)
message(STATUS "GPUs and models left out (minutes)")
run(left_out "${CROSSVAL}" "${MEASURED}")
message(STATUS "calibration on 8 rows of each deployment (minutes)")
run(eight "${CALIBRATION}" "${MEASURED}" 8)
message(STATUS "calibration on 3 rows of each deployment (minutes)")
run(three "${CALIBRATION}" "${MEASURED}" 3)

file(WRITE "${SOURCE}/docs/validation_tables.md" "# Validation: the tables

Written by `cmake --build build --target validation` from ${file}; what they mean: [validation.md](validation.md).

## Validation

${validation}
## GPUs and models left out, and what each term buys

The constants are fitted again without a family or a generation of GPUs, without a model or a kind of models (dense models one by one;
with experts of 4,096 columns and more, with linear attention, MLA, windows, or none of these), without a generation and a kind, and without
an engine, whose host then takes what the others do in the mean. The rows left out are simulated with what was found
(tests/crossval.c). Errors of deployments are medians over their rows of TPOT, else of throughput. Below: the same with a term of the step taken out and the others
fitted again, scored on all rows; and this fit's constants beside those of the program.

${left_out}
## Calibration on 8 rows

Of each deployment with enough rows, 8 drawn at random are fitted and the others predicted, without and with
the fit: median absolute errors of the others in percent, before → after.

${eight}
## Calibration on 3 rows

${three}")
foreach(plot validate_scatter validate_load)
    if(EXISTS "${out}/${plot}.png")
        file(COPY_FILE "${out}/${plot}.png" "${SOURCE}/docs/images/${plot}.png" ONLY_IF_DIFFERENT)
    endif()
endforeach()
message(STATUS "wrote docs/validation_tables.md and docs/images/validate_*.png from ${file}")

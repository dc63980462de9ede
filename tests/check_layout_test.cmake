# Shows that check_layout.cmake can fail: plants one violation at a time in a small tree and wants each one named.
#   cmake -DSCRATCH_DIR=... -P tests/check_layout_test.cmake
cmake_minimum_required(VERSION 3.25)

# expect(NAME FILE LINE WANTED): with LINE in FILE the check fails and says WANTED; an empty WANTED: it passes.
function(expect name file line wanted)
  file(REMOVE_RECURSE ${SCRATCH_DIR})
  file(WRITE ${SCRATCH_DIR}/harness/base/result.h "#include <string>\n#include <sys/types.h>\n#include <fmt/format.h>\n")
  file(WRITE ${SCRATCH_DIR}/${file} "${line}\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${SCRATCH_DIR} -P ${CMAKE_CURRENT_LIST_DIR}/check_layout.cmake
    RESULT_VARIABLE result
    ERROR_VARIABLE said
    OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(wanted STREQUAL "")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${name}: wanted no complaint, found: ${said}")
    endif()
  elseif(result EQUAL 0)
    message(SEND_ERROR "${name}: wanted a failure, found none")
  elseif(NOT said MATCHES "${wanted}")
    message(SEND_ERROR "${name}: wanted '${wanted}', found: ${said}")
  endif()
endfunction()

expect("what is written is allowed" topologies/a.cc "#include \"harness/base/result.h\"" "")
expect("the command may include every room" harness/cli/a.cc "#include \"topologies/split.h\"" "")
expect("a test may include every room" tests/results/a_test.cc "#include \"results/store.h\"" "")
expect("a runner may see the seam" runners/cpu/a.cc "#include \"runners/runner.h\"" "")
expect("rooms point one way" harness/base/a.cc "#include \"harness/core/segment.h\"" "base may not include harness/core")
expect("topologies know no results" topologies/a.h "#include \"results/store.h\"" "topologies may not include results")
expect("plans know no runner" harness/plan/a.cc "#include \"runners/runner.h\"" "plan may not include runners/runner.h")
expect("runners do not see one another" runners/cpu/a.cc "#include \"runners/replay/replay.h\"" "may not include runners/replay")
expect("the sweep sees only the seam" harness/sweep/a.cc "#include \"runners/cpu/cpu.h\"" "may not include runners/cpu")
expect("nobody includes a test" harness/base/a.cc "#include \"tests/support/fake_clock.h\"" "may not include tests")
expect("a library outside its home" topologies/a.cc "#include <CLI/CLI.hpp>" "only in harness/cli")
expect("a benchmark outside its home" tests/topologies/a.cc "#include <benchmark/benchmark.h>" "only in harness/measure")
expect("archives outside their home" harness/cli/a.cc "#include <archive_entry.h>" "only in results")
expect("a library without a home" harness/base/a.cc "#include <zlib.h>" "belongs to no known library")
expect("a path that starts elsewhere" topologies/a.cc "#include \"split.h\"" "lies in no room")
expect("a folder that is no room" harness/misc/a.h "#include <string>" "lies in no room")
expect("a detour" topologies/a.cc "#include \"topologies/../harness/cli/main.h\"" "lies in no room")
expect("a comment behind hides nothing" topologies/a.cc "#include <CLI/CLI.hpp>  // \"harness/base/text.h\"" "only in harness/cli")
expect("a comment before hides nothing" topologies/a.cc "/* */ #include <CLI/CLI.hpp>" "not plainly one")
expect("a macro hides nothing" topologies/a.cc "#include HEADER" "not plainly one")
expect("other extensions are read" results/a.cpp "#include \"reports/a.h\"" "results may not include reports")
expect("indentation hides nothing" topologies/a.cc "  #  include \"results/store.h\"" "may not include results")
file(REMOVE_RECURSE ${SCRATCH_DIR})

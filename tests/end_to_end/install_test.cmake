# Installs into an empty folder and uses what is there as a stranger would: the command, its man page, and the library
# from a project of its own through find_package(fusesweep).
cmake_minimum_required(VERSION 3.25)

# Runs a command, wants exit code 0, and sets `said` to its standard output.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}: exit code ${result}\n${out}\n${err}")
  endif()
  set(said "${out}" PARENT_SCOPE)
endfunction()

function(expect text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "wanted '${pattern}', found:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH_DIR})
set(prefix ${SCRATCH_DIR}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})

run(${prefix}/bin/fusesweep plan --model nano --splits 16+8+6+2)
expect("${said}" "^1 split of the 32 layers of nano")

run(${prefix}/bin/fusesweep runner list)
expect("${said}" "toolchain:FILE")
set(toolchain ${prefix}/share/fusesweep/toolchains/phi4-mini-ane)
if(NOT EXISTS ${toolchain}.json OR NOT EXISTS ${toolchain}-limits.json)
  message(FATAL_ERROR "the ready files of a toolchain were not installed")
endif()

file(GLOB_RECURSE man_pages ${prefix}/share/man/man1/fusesweep.1)
if(man_pages STREQUAL "")
  message(FATAL_ERROR "no man page was installed (is help2man there?)")
endif()
file(READ ${man_pages} man_page)
expect("${man_page}" "residency")

run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${SCRATCH_DIR}/consumer -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
    -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_FLAGS=${CXX_FLAGS})
run(${CMAKE_COMMAND} --build ${SCRATCH_DIR}/consumer)
run(${SCRATCH_DIR}/consumer/consumer)
expect("${said}" "^2147483648 splits of 32 layers, 528 segments")

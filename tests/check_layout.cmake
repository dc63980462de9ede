# Holds the layout of harness/docs/ARCHITECTURE.md: who may include whom, and one home for each foreign library.
#   cmake -DSOURCE_DIR=... -P tests/check_layout.cmake
# Reads the #include lines of every source file; prints every violation and fails when there is one.
cmake_minimum_required(VERSION 3.25)

# The rooms, and what each may include besides itself. harness/cli and tests may include every room.
set(everywhere harness/stats harness/core harness/base)
set(may_include_harness/base)
set(may_include_harness/process harness/base)
set(may_include_harness/core harness/base)
set(may_include_harness/stats harness/core harness/base)
set(may_include_topologies harness/core harness/base)
set(may_include_harness/plan topologies ${everywhere})
set(may_include_harness/gate ${everywhere})
set(may_include_harness/measure runners/runner.h ${everywhere})
set(may_include_harness/sweep harness/plan harness/gate harness/measure results runners/runner.h runners/model
                              runners/mlprogram topologies ${everywhere})
set(may_include_results topologies ${everywhere})
set(may_include_reports results topologies ${everywhere})
set(may_include_runners/runner.h topologies ${everywhere})
foreach(runner IN ITEMS protocol model mlprogram stack cpu coreml toolchain replay)
  set(may_include_runners/${runner} runners/runner.h runners/model runners/mlprogram topologies ${everywhere})
  list(APPEND runners runners/${runner})
endforeach()
# They start programs.
list(APPEND may_include_runners/protocol harness/process)
list(APPEND may_include_runners/toolchain harness/process)
list(APPEND may_include_runners/cpu runners/stack)
list(APPEND may_include_runners/coreml runners/stack)
set(rooms
    harness/base
    harness/process
    harness/core
    harness/stats
    harness/plan
    harness/gate
    harness/measure
    harness/sweep
    topologies
    results
    reports
    runners/runner.h
    ${runners})
set(may_include_harness/cli ${rooms})
set(may_include_tests ${rooms} harness/cli)
list(APPEND rooms harness/cli tests)

# Foreign headers: a pattern, then the rooms (or folders) where it may stand; "anywhere" for three of them.
set(foreign_libraries
    "^(fmt|nlohmann|tl)/|anywhere"
    "^Eigen/|harness/stats"
    "^boost/math/|harness/stats"
    "^boost/multiprecision/|topologies"
    "^boost/property_tree/|tests/reports"
    "^boost/random/|harness/stats"
    "^boost/uuid/|harness/base"
    "^xxhash\\.h$|harness/base"
    "^CLI/|harness/cli"
    "^archive(_entry)?\\.h$|results"
    "^(SQLiteCpp/|sqlite3\\.h$)|results,tests/results"
    "^hwy/|runners/cpu,runners/model"
    "^google/protobuf/|runners/mlprogram"
    "^benchmark/|harness/measure,tests/bench"
    "^gnuplot-iostream\\.h$|reports"
    "^(gtest|gmock)/|tests"
    "^(CoreML|Foundation)/|runners/coreml,tests/runners/coreml/apple"
    "^objc/objc\\.h$|tests/runners/coreml/apple")
# The operating system's headers, by name: one that is not here is taken for a foreign library without a home.
set(system_headers
    "^(dirent|fcntl|poll|pthread|sched|signal|spawn|termios|unistd)\\.h$|^(sys|linux|netinet|arpa)/[a-z_]+\\.h$")

# Sets `out` to the room that a path of the repository lies in, or to "" when there is none.
function(room_of path out)
  set(${out} "" PARENT_SCOPE)
  foreach(room IN LISTS rooms)
    if(path STREQUAL room OR path MATCHES "^${room}/")
      set(${out} ${room} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(check_own file room header)
  room_of(${header} target)
  if(target STREQUAL "" OR header MATCHES "(^|/)[.][.]?/")
    message(SEND_ERROR "${file}: includes \"${header}\", which lies in no room (paths start at the repository's root)")
  elseif(NOT target STREQUAL room AND NOT target IN_LIST may_include_${room})
    message(SEND_ERROR "${file}: ${room} may not include ${target} (\"${header}\")")
  endif()
endfunction()

function(check_foreign file header)
  if(NOT header MATCHES "[./]" OR header MATCHES "${system_headers}")
    return()  # the standard library's headers have neither a dot nor a slash
  endif()
  foreach(library IN LISTS foreign_libraries)
    string(REGEX MATCH "^(.*)\\|([^|]*)$" unused "${library}")
    set(pattern "${CMAKE_MATCH_1}")
    string(REPLACE "," ";" homes "${CMAKE_MATCH_2}")
    if(NOT header MATCHES "${pattern}")
      continue()
    endif()
    foreach(home IN LISTS homes)
      if(home STREQUAL "anywhere" OR file MATCHES "^${home}/")
        return()
      endif()
    endforeach()
    message(SEND_ERROR "${file}: <${header}> may be included only in ${homes}")
    return()
  endforeach()
  message(SEND_ERROR "${file}: <${header}> belongs to no known library; give it a home in tests/check_layout.cmake")
endfunction()

foreach(folder IN ITEMS harness topologies runners results reports tests)
  foreach(extension IN ITEMS h hpp cc cc.in cpp mm)
    list(APPEND patterns ${SOURCE_DIR}/${folder}/*.${extension})
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${patterns})
set(includes 0)
foreach(file IN LISTS files)
  room_of(${file} room)
  if(room STREQUAL "")
    message(SEND_ERROR "${file}: lies in no room of harness/docs/ARCHITECTURE.md")
    continue()
  endif()
  file(STRINGS ${SOURCE_DIR}/${file} lines REGEX "(^|\\*/)[ \t]*#[ \t]*(include|import)")
  foreach(line IN LISTS lines)
    math(EXPR includes "${includes} + 1")
    if(line MATCHES "^[ \t]*#[ \t]*(include|import)[ \t]*\"([^\"]+)\"")
      check_own(${file} ${room} ${CMAKE_MATCH_2})
    elseif(line MATCHES "^[ \t]*#[ \t]*(include|import)[ \t]*<([^>]+)>")
      check_foreign(${file} ${CMAKE_MATCH_2})
    else()
      message(SEND_ERROR "${file}: an #include that is not plainly one: ${line}")
    endif()
  endforeach()
endforeach()
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "found no source file under ${SOURCE_DIR}")
endif()
message(STATUS "layout: ${includes} includes of ${count} files")

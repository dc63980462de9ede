# Checks the syntax of runners/coreml/apple_core_ml.mm with clang, against the declarations in apple/.
#   cmake -DCLANGXX=... -DSOURCE_DIR=... [-DFILE=a copy of it] -P tests/runners/coreml/check_syntax.cmake
# These hold exactly what is used of Apple's frameworks: a selector, property or type that is not in them is an error.
cmake_minimum_required(VERSION 3.25)

if(NOT CLANGXX)
  message(FATAL_ERROR "found no clang++, want it for the syntax of runners/coreml (packages.tsv), or ctest -LE clang")
endif()
if(NOT FILE)
  set(FILE ${SOURCE_DIR}/runners/coreml/apple_core_ml.mm)
endif()
execute_process(
  COMMAND
    ${CLANGXX} -fsyntax-only -x objective-c++ -std=c++20 -fobjc-arc -fblocks -fobjc-exceptions
    -fobjc-runtime=macosx-15.0.0 -Wall -Wextra -Wconversion -Werror -Wno-missing-field-initializers -I ${SOURCE_DIR}
    -isystem ${CMAKE_CURRENT_LIST_DIR}/apple ${FILE}
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${FILE}: found errors, want none")
endif()

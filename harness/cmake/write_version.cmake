# Writes version.cc from its template with what git says now. Runs at every build, so that the revision is that of the
# build and not that of the last configuring; the file is touched only when something in it changed.
#   cmake -DTEMPLATE=version.cc.in -DOUTPUT=version.cc -DSOURCE_DIR=... -DGIT=... -DFUSESWEEP_...=... -P write_version.cmake
cmake_minimum_required(VERSION 3.25)

set(FUSESWEEP_GIT_REVISION std::nullopt)
set(FUSESWEEP_GIT_DIRTY std::nullopt)

# Sets `said` to what git prints, and `result` to its exit code.
macro(ask_git)
  # No optional locks: a build must not get in the way of somebody's git command.
  execute_process(
    COMMAND ${GIT} --no-optional-locks ${ARGN}
    WORKING_DIRECTORY ${SOURCE_DIR}
    RESULT_VARIABLE result
    OUTPUT_VARIABLE said
    ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endmacro()

if(GIT)
  # An unpacked release may lie inside somebody else's checkout, whose revision is not ours.
  ask_git(rev-parse --show-prefix)
  if(result EQUAL 0 AND said STREQUAL "")
    ask_git(rev-parse --verify HEAD)
    if(result EQUAL 0 AND said MATCHES "^[0-9a-f]+$")
      set(FUSESWEEP_GIT_REVISION "\"${said}\"")
      ask_git(status --porcelain --untracked-files=no)
      if(result EQUAL 0 AND said STREQUAL "")
        set(FUSESWEEP_GIT_DIRTY false)
      elseif(result EQUAL 0)
        set(FUSESWEEP_GIT_DIRTY true)
      endif()
    endif()
  endif()
endif()

configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)

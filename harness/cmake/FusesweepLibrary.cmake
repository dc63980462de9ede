# fusesweep_library(ROOM
#   SOURCES a.cc b.cc          listed by name
#   HEADERS a.h b.h            installed, and compiled on their own in the dev preset
#   USES targets...            what its headers need
#   PRIVATE_USES targets...)   what only its sources need
#
# One static library per room: target fusesweep_<ROOM>, known to others as fusesweep::<ROOM>.
# Headers are included by repository path ("harness/base/result.h"), here and after installation.

# Warnings are always asked for; they become errors only in our presets (CMAKE_COMPILE_WARNING_AS_ERROR).
# Static archives carry no run-time flags; -march is never set: kernels are dispatched at run time.
function(fusesweep_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(
    ${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                      -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wimplicit-fallthrough
                      # Our structs have defaults, so naming some of their fields is fine.
                      -Wno-missing-field-initializers
                      # GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651), and
                      # members of moved-from std::variant and std::optional as uninitialized (GCC bug 80635).
                      $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized>)
  # a * b + c is two roundings on every machine: results must be the same bits where there is a fused instruction.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

function(fusesweep_library room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;USES;PRIVATE_USES")
  set(target fusesweep_${room})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(fusesweep::${room} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${arg_HEADERS})
  target_link_libraries(${target} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_USES})
  fusesweep_compile_options(${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${room})
  set_property(GLOBAL APPEND PROPERTY FUSESWEEP_ROOMS ${target})
endfunction()

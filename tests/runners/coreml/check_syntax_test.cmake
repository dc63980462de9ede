# Shows that check_syntax.cmake can fail: plants one mistake at a time into a copy of the source and wants it named.
#   cmake -DCLANGXX=... -DSOURCE_DIR=... -DSCRATCH_DIR=... -P tests/runners/coreml/check_syntax_test.cmake
cmake_minimum_required(VERSION 3.25)

file(READ ${SOURCE_DIR}/runners/coreml/apple_core_ml.mm source)

# expect(FOUND PLANTED WANTED): with FOUND replaced by PLANTED the check fails and says WANTED; empty: it passes.
function(expect found planted wanted)
  if(NOT source MATCHES "${found}")
    message(SEND_ERROR "apple_core_ml.mm: found no ${found}, want it there to be replaced")
  endif()
  string(REPLACE "${found}" "${planted}" text "${source}")
  file(WRITE ${SCRATCH_DIR}/planted.mm "${text}")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DCLANGXX=${CLANGXX} -DSOURCE_DIR=${SOURCE_DIR} -DFILE=${SCRATCH_DIR}/planted.mm -P
            ${CMAKE_CURRENT_LIST_DIR}/check_syntax.cmake
    RESULT_VARIABLE result
    ERROR_VARIABLE said
    OUTPUT_QUIET)
  if(wanted STREQUAL "")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "wanted no complaint, found: ${said}")
    endif()
  elseif(result EQUAL 0)
    message(SEND_ERROR "${planted}: wanted a failure, found none")
  elseif(NOT said MATCHES "${wanted}")
    message(SEND_ERROR "${planted}: wanted '${wanted}', found: ${said}")
  endif()
endfunction()

expect("newState" "newState" "")
expect("usingState:" "withState:" "predictionFromFeatures:withState:options:error:")
expect("newState" "makeState" "declares the selector 'makeState'")
expect("computeDeviceUsageForMLProgramOperation:" "deviceUsageForOperation:" "deviceUsageForOperation:")
expect("compileModelAtURL:" "compileModelAtPath:" "compileModelAtPath:")
expect("outputBackings" "outputBuffers" "property 'outputBuffers' not found")
expect("MLComputePlanCost" "MLPlanCost" "MLPlanCost")
expect("cost.weight" "cost.share" "property 'share' not found")
file(REMOVE_RECURSE ${SCRATCH_DIR})

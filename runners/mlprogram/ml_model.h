// model.mlmodel: a program and what CoreML wants to know of it, as the protobuf messages of the file
// (ml_model.proto). Specification version 9, operation set CoreML8: the first with state.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

inline constexpr std::string_view kOpset = "CoreML8";

struct MlModel {
  std::string description;                   // one line for people
  std::map<std::string, std::string> notes;  // "userDefined" in the file
  Program program;

  bool operator==(const MlModel&) const = default;
};

// The same model gives the same bytes.
std::string encode_ml_model(const MlModel& model);

// The bytes are taken for hostile. What passes is a program that check_types accepts, whose
// description agrees with it and whose values hold as many elements as they say; weight files are
// not looked at. `where` begins the message of an error.
Result<MlModel> decode_ml_model(std::span<const std::byte> bytes, std::string_view where);

}  // namespace fusesweep

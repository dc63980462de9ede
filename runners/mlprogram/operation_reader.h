// Reads one operation's parameters: their types, and the values of those that must be constant. The
// first thing that does not fit is noted, and from then on every read answers with an empty value;
// so whoever reads asks for the error once, at the end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

// What is known of a name where it is used.
struct Known {
  TensorType type;
  const Value* constant = nullptr;  // absent for what only running the program tells
  bool is_state = false;
};

using Scope = std::map<std::string, Known, std::less<>>;

class OperationReader {
 public:
  // Both must outlive the reader.
  OperationReader(const Operation& operation, const Scope& scope)
      : operation_(operation), scope_(scope) {}

  bool has(std::string_view parameter) const;
  TensorType tensor(std::string_view parameter);
  std::vector<TensorType> tensors(std::string_view parameter);  // 1 or more, as concat has them
  std::string state(std::string_view parameter);                // its name
  TensorType state_type(std::string_view parameter);

  // Constants, by value. Integers may be of any integer type.
  std::vector<std::int64_t> integers(std::string_view parameter);
  std::int64_t integer(std::string_view parameter);
  std::vector<bool> booleans(std::string_view parameter);
  bool boolean(std::string_view parameter);
  std::string text(std::string_view parameter);
  float number(std::string_view parameter);  // fp16 or fp32
  bool is_constant(std::string_view parameter) const;

  // An attribute of constexpr_affine_dequantize and of const, whose parameters they are.
  const Value& attribute(std::string_view name);
  // An input that is a constant on the spot or by name.
  const Value& constant(std::string_view parameter);

  // Every parameter that nobody asked for is an error: it would be passed over.
  void reject_unread();

  // "conv 'layers_0_qkv': x: found ..., want ...".
  void reject(std::string_view parameter, std::string_view found, std::string_view wanted);
  const std::optional<Error>& error() const { return error_; }

 private:
  const std::vector<Argument>* arguments(std::string_view parameter, std::size_t most);
  const Known* known(std::string_view parameter, const std::string& name);
  TensorType type_of(std::string_view parameter, const Argument& argument);

  const Operation& operation_;
  const Scope& scope_;
  std::set<std::string, std::less<>> read_;
  std::optional<Error> error_;
};

// A constant's elements as integers or floats, if that is what they are.
std::optional<std::vector<std::int64_t>> integers_of(const Value& value);
std::optional<std::vector<float>> floats_of(const Value& value);

}  // namespace fusesweep

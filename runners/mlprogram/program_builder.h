// Makes a program operation by operation: finds the type of every output, and writes constants down
// once however often they are used. Names are the caller's; the same calls give the same program.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runners/mlprogram/operation_reader.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

// What a parameter gets: the name of a value, several of them (as concat has), or a constant.
class Operand {
 public:
  Operand(std::string name)
      : arguments_{std::move(name)} {}  // NOLINT(*-explicit-*): reads as a list of operands
  Operand(std::vector<std::string> names)
      : arguments_(names.begin(), names.end()) {}               // NOLINT(*-explicit-*): as above
  Operand(Value constant) : arguments_{std::move(constant)} {}  // NOLINT(*-explicit-*): as above

  const std::vector<Argument>& arguments() const { return arguments_; }

 private:
  std::vector<Argument> arguments_;
};

// Constants as operations take them.
Value integers(std::vector<std::int32_t> values);
Value integer(std::int32_t value);
Value truth(bool value);
Value truths(std::vector<std::int32_t> values);  // 0 or 1
Value text(std::string value);
Value half(float value);  // rounded to fp16

using Parameters = std::initializer_list<std::pair<std::string_view, Operand>>;

class ProgramBuilder {
 public:
  explicit ProgramBuilder(std::string opset) { program_.opset = std::move(opset); }

  // Both return the name, to be used as an operand.
  std::string input(std::string name, TensorType type);
  std::string state(std::string name, TensorType type);

  // Adds an operation with a single output and returns the output's name, which is the operation's
  // unless it is given. Constants among the parameters become const operations before it.
  // REQUIRES: infer_types accepts it; the names are new.
  std::string add(std::string_view type, std::string name, Parameters parameters);
  std::string add(std::string_view type, std::string name, Parameters parameters,
                  std::string output);

  // The same for an operation with several outputs, name_0, name_1, ...; or with none.
  std::vector<std::string> add_many(std::string_view type, const std::string& name,
                                    Parameters parameters);

  // An operation whose constants stand in itself, as the constexpr ones have them.
  std::string add_constexpr(Operation operation);

  std::string constant(std::string name, Value value);

  const std::vector<std::uint64_t>& shape_of(const std::string& name) const;

  // REQUIRES: the names are of outputs of operations.
  Program finish(const std::vector<std::string>& outputs) &&;

 private:
  Operation make(std::string_view type, std::string name, Parameters parameters);
  const std::vector<NamedType>& append(Operation operation, std::vector<std::string> outputs = {});

  Program program_;
  Scope scope_;
  std::map<std::string, Value> values_;           // of constants, by their names
  std::map<std::string, std::string> constants_;  // their names, by what they hold
};

}  // namespace fusesweep

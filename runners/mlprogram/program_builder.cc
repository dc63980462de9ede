#include "runners/mlprogram/program_builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "runners/mlprogram/operations.h"

namespace fusesweep {
namespace {

// Two constants with the same key are the same.
std::string key_of(const Value& value) {
  if (const auto* ints = std::get_if<std::vector<std::int32_t>>(&value.content))
    return fmt::format("{} {}", to_text(value.type), fmt::join(*ints, ","));
  if (const auto* floats = std::get_if<std::vector<float>>(&value.content))
    return fmt::format("{} {}", to_text(value.type), fmt::join(*floats, ","));
  if (const auto* strings = std::get_if<std::vector<std::string>>(&value.content)) {
    std::string key = to_text(value.type);
    for (const std::string& text : *strings) key += fmt::format(" {}:{}", text.size(), text);
    return key;
  }
  if (const auto* bytes = std::get_if<std::string>(&value.content))
    return fmt::format("{} {}", to_text(value.type), *bytes);
  FUSESWEEP_UNREACHABLE();  // what lies in the weight file is not shared
}

TensorType scalar(DataType element) { return {element, {}}; }

TensorType vector(DataType element, std::size_t size) { return {element, {size}}; }

}  // namespace

Value integers(std::vector<std::int32_t> values) {
  return {vector(DataType::kInt32, values.size()), std::move(values)};
}

Value integer(std::int32_t value) { return {scalar(DataType::kInt32), std::vector{value}}; }

Value truth(bool value) {
  return {scalar(DataType::kBool), std::vector<std::int32_t>{value ? 1 : 0}};
}

Value truths(std::vector<std::int32_t> values) {
  return {vector(DataType::kBool, values.size()), std::move(values)};
}

Value text(std::string value) {
  return {scalar(DataType::kString), std::vector<std::string>{std::move(value)}};
}

Value half(float value) {
  const std::uint16_t bits = float_to_fp16(value);
  return {scalar(DataType::kFp16),
          std::string{static_cast<char>(bits & 0xFFU), static_cast<char>(bits >> 8U)}};
}

std::string ProgramBuilder::input(std::string name, TensorType type) {
  FUSESWEEP_CHECK(scope_.emplace(name, Known{.type = type}).second);
  program_.inputs.push_back({name, std::move(type)});
  return name;
}

std::string ProgramBuilder::state(std::string name, TensorType type) {
  FUSESWEEP_CHECK(scope_.emplace(name, Known{.type = type, .is_state = true}).second);
  program_.states.push_back({name, std::move(type)});
  return name;
}

Operation ProgramBuilder::make(std::string_view type, std::string name, Parameters parameters) {
  Operation operation{.type = std::string(type), .name = std::move(name)};
  for (const auto& [parameter, operand] : parameters) {
    std::vector<Argument>& arguments = operation.inputs[std::string(parameter)];
    for (const Argument& argument : operand.arguments()) {
      if (const auto* value = std::get_if<Value>(&argument)) {
        arguments.emplace_back(constant(fmt::format("{}_{}", operation.name, parameter), *value));
      } else {
        arguments.push_back(argument);
      }
    }
  }
  return operation;
}

// Outputs without a name of their own are called as the operation is.
const std::vector<NamedType>& ProgramBuilder::append(Operation operation,
                                                     std::vector<std::string> outputs) {
  const Result<std::vector<TensorType>> types = infer_types(operation, scope_);
  FUSESWEEP_CHECK(types);
  if (outputs.empty() && types->size() == 1) outputs.push_back(operation.name);
  for (std::size_t i = outputs.size(); i < types->size(); ++i)
    outputs.push_back(fmt::format("{}_{}", operation.name, i));
  FUSESWEEP_CHECK(outputs.size() == types->size());
  for (std::size_t i = 0; i < types->size(); ++i) {
    FUSESWEEP_CHECK(scope_.emplace(outputs[i], Known{.type = (*types)[i]}).second);
    operation.outputs.push_back({std::move(outputs[i]), (*types)[i]});
  }
  return program_.operations.emplace_back(std::move(operation)).outputs;
}

std::string ProgramBuilder::add(std::string_view type, std::string name, Parameters parameters) {
  std::string output = name;
  return add(type, std::move(name), parameters, std::move(output));
}

std::string ProgramBuilder::add(std::string_view type, std::string name, Parameters parameters,
                                std::string output) {
  return append(make(type, std::move(name), parameters), {std::move(output)}).front().name;
}

std::vector<std::string> ProgramBuilder::add_many(std::string_view type, const std::string& name,
                                                  Parameters parameters) {
  std::vector<std::string> names;
  for (const NamedType& output : append(make(type, name, parameters))) names.push_back(output.name);
  return names;
}

std::string ProgramBuilder::add_constexpr(Operation operation) {
  return append(std::move(operation)).front().name;
}

std::string ProgramBuilder::constant(std::string name, Value value) {
  const bool shared = !std::holds_alternative<BlobReference>(value.content);
  if (shared) {
    const auto [known, is_new] = constants_.emplace(key_of(value), name);
    if (!is_new) return known->second;
  }
  Operation operation{.type = "const", .name = name};
  operation.attributes.emplace("val", value);
  append(std::move(operation));
  scope_.find(name)->second.constant = &values_.emplace(name, std::move(value)).first->second;
  return name;
}

const std::vector<std::uint64_t>& ProgramBuilder::shape_of(const std::string& name) const {
  return scope_.at(name).type.shape;
}

Program ProgramBuilder::finish(const std::vector<std::string>& outputs) && {
  for (const std::string& name : outputs) program_.outputs.push_back({name, scope_.at(name).type});
  return std::move(program_);
}

}  // namespace fusesweep

#include "runners/mlprogram/operation_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <utility>

#include "harness/base/fp16.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

const Value& empty_value() {
  static const Value kEmpty;
  return kEmpty;
}

}  // namespace

std::optional<std::vector<std::int64_t>> integers_of(const Value& value) {
  if (const auto* ints = std::get_if<std::vector<std::int32_t>>(&value.content))
    return std::vector<std::int64_t>(ints->begin(), ints->end());
  const auto* bytes = std::get_if<std::string>(&value.content);
  if (bytes == nullptr) return std::nullopt;
  std::vector<std::int64_t> integers;
  for (const char byte : *bytes) {
    if (value.type.element == DataType::kInt8) {
      integers.push_back(static_cast<signed char>(byte));
    } else if (value.type.element == DataType::kUint8) {
      integers.push_back(static_cast<unsigned char>(byte));
    } else {
      return std::nullopt;
    }
  }
  return integers;
}

std::optional<std::vector<float>> floats_of(const Value& value) {
  if (const auto* floats = std::get_if<std::vector<float>>(&value.content)) return *floats;
  const auto* bytes = std::get_if<std::string>(&value.content);
  if (bytes == nullptr || value.type.element != DataType::kFp16) return std::nullopt;
  std::vector<float> floats;
  for (std::size_t at = 0; at + sizeof(std::uint16_t) <= bytes->size();
       at += sizeof(std::uint16_t)) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes->data() + at, sizeof half);
    floats.push_back(fp16_to_float(half));
  }
  return floats;
}

void OperationReader::reject(std::string_view parameter, std::string_view found,
                             std::string_view wanted) {
  if (error_) return;
  error_ = Error{ErrorCode::kInvalidInput,
                 fmt::format("{} {}: {}: found {}, want {}", one_line(operation_.type),
                             quote(operation_.name), parameter, found, wanted)};
}

bool OperationReader::has(std::string_view parameter) const {
  return operation_.inputs.find(std::string(parameter)) != operation_.inputs.end();
}

const std::vector<Argument>* OperationReader::arguments(std::string_view parameter,
                                                        std::size_t most) {
  if (error_) return nullptr;
  const auto found = operation_.inputs.find(std::string(parameter));
  if (found == operation_.inputs.end()) {
    reject(parameter, "nothing", "it");
    return nullptr;
  }
  read_.insert(std::string(parameter));
  if (found->second.empty() || found->second.size() > most) {
    reject(parameter, fmt::format("{} values", found->second.size()), "one");
    return nullptr;
  }
  return &found->second;
}

const Known* OperationReader::known(std::string_view parameter, const std::string& name) {
  const auto found = scope_.find(name);
  if (found != scope_.end()) return &found->second;
  reject(parameter, quote(name), "the name of an input or of an earlier operation's output");
  return nullptr;
}

TensorType OperationReader::type_of(std::string_view parameter, const Argument& argument) {
  if (const auto* value = std::get_if<Value>(&argument)) return value->type;
  const auto& name = std::get<std::string>(argument);
  const Known* value = known(parameter, name);
  if (value == nullptr) return {};
  if (value->is_state) reject(parameter, fmt::format("the state {}", quote(name)), "a tensor");
  return value->type;
}

TensorType OperationReader::tensor(std::string_view parameter) {
  const std::vector<Argument>* found = arguments(parameter, 1);
  return found == nullptr ? TensorType{} : type_of(parameter, found->front());
}

std::vector<TensorType> OperationReader::tensors(std::string_view parameter) {
  std::vector<TensorType> types;
  if (const std::vector<Argument>* found = arguments(parameter, kAnyNumber)) {
    for (const Argument& argument : *found) types.push_back(type_of(parameter, argument));
  }
  return error_ ? std::vector<TensorType>{} : types;
}

std::string OperationReader::state(std::string_view parameter) {
  const std::vector<Argument>* found = arguments(parameter, 1);
  const auto* name = found == nullptr ? nullptr : std::get_if<std::string>(&found->front());
  const Known* value = name == nullptr ? nullptr : known(parameter, *name);
  if (value != nullptr && value->is_state) return *name;
  reject(parameter, "something else", "the name of a state");
  return {};
}

TensorType OperationReader::state_type(std::string_view parameter) {
  const std::string name = state(parameter);
  return error_ ? TensorType{} : scope_.find(name)->second.type;
}

bool OperationReader::is_constant(std::string_view parameter) const {
  const auto found = operation_.inputs.find(std::string(parameter));
  if (found == operation_.inputs.end() || found->second.size() != 1) return false;
  if (std::holds_alternative<Value>(found->second.front())) return true;
  const auto value = scope_.find(std::get<std::string>(found->second.front()));
  return value != scope_.end() && value->second.constant != nullptr;
}

const Value& OperationReader::constant(std::string_view parameter) {
  const std::vector<Argument>* found = arguments(parameter, 1);
  if (found == nullptr) return empty_value();
  if (const auto* value = std::get_if<Value>(&found->front())) return *value;
  const Known* value = known(parameter, std::get<std::string>(found->front()));
  if (value == nullptr) return empty_value();
  if (value->constant != nullptr) return *value->constant;
  reject(parameter, "a value that only running the program tells", "a constant");
  return empty_value();
}

const Value& OperationReader::attribute(std::string_view name) {
  if (error_) return empty_value();
  const auto found = operation_.attributes.find(std::string(name));
  if (found != operation_.attributes.end()) return found->second;
  reject(name, "no such attribute", "it");
  return empty_value();
}

std::vector<std::int64_t> OperationReader::integers(std::string_view parameter) {
  const Value& value = constant(parameter);
  if (error_) return {};
  const bool is_bool = value.type.element == DataType::kBool;
  std::optional<std::vector<std::int64_t>> integers = integers_of(value);
  if (integers && !is_bool) return *std::move(integers);
  reject(parameter, to_text(value.type), "integers in the program itself");
  return {};
}

std::int64_t OperationReader::integer(std::string_view parameter) {
  const std::vector<std::int64_t> values = integers(parameter);
  if (values.size() == 1) return values.front();
  reject(parameter, fmt::format("{} integers", values.size()), "one");
  return 0;
}

std::vector<bool> OperationReader::booleans(std::string_view parameter) {
  const Value& value = constant(parameter);
  if (error_) return {};
  const auto* ints = std::get_if<std::vector<std::int32_t>>(&value.content);
  if (ints == nullptr || value.type.element != DataType::kBool) {
    reject(parameter, to_text(value.type), "true or false");
    return {};
  }
  return {ints->begin(), ints->end()};
}

bool OperationReader::boolean(std::string_view parameter) {
  const std::vector<bool> values = booleans(parameter);
  if (values.size() == 1) return values.front();
  reject(parameter, fmt::format("{} truth values", values.size()), "one");
  return false;
}

std::string OperationReader::text(std::string_view parameter) {
  const Value& value = constant(parameter);
  if (error_) return {};
  const auto* strings = std::get_if<std::vector<std::string>>(&value.content);
  if (strings != nullptr && strings->size() == 1) return strings->front();
  reject(parameter, to_text(value.type), "a string");
  return {};
}

float OperationReader::number(std::string_view parameter) {
  const Value& value = constant(parameter);
  if (error_) return 0;
  const std::optional<std::vector<float>> floats = floats_of(value);
  if (floats && floats->size() == 1) return floats->front();
  reject(parameter, to_text(value.type), "a number");
  return 0;
}

void OperationReader::reject_unread() {
  for (const auto& [parameter, unused] : operation_.inputs) {
    if (!read_.contains(parameter))
      reject(quote(parameter), "a parameter that is not known", "none of that name");
  }
}

}  // namespace fusesweep

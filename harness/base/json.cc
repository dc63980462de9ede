#include "harness/base/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kShownValueBytes = 60;

// A value as it may stand in a message: short, one line.
std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return quote(value.get_ref<const std::string&>());
  return to_text(value).substr(0, kShownValueBytes);
}

}  // namespace

Json json_document(int schema_version) { return {{"schema_version", schema_version}}; }

std::string to_text(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  // JSON takes DEL and U+0080 to U+009F as they are; to a terminal some of them are commands.
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (text[i] == '\x7F') {
      out += "\\u007f";
    } else if (text[i] == '\xC2' && next >= 0x80 && next < 0xA0) {
      out += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<Json> parse_json(std::string_view text, std::string_view where) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    std::string_view reason = e.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without its tag.
    const std::size_t tag = reason.find("] ");
    if (tag != std::string_view::npos) reason.remove_prefix(tag + 2);
    return invalid_input(fmt::format("{}: {}", where, one_line(reason)));
  }
}

JsonField JsonField::child(const Json* value, std::string_view step) const {
  return {value, path_ + std::string(step), error_};
}

void JsonField::reject(std::string_view found, std::string_view wanted) const {
  reject_with(fmt::format("found {}, want {}", found, wanted));
}

void JsonField::reject_with(std::string_view message) const {
  if (value_ == nullptr || error_->has_value()) return;
  *error_ = Error{ErrorCode::kInvalidInput, fmt::format("{}: {}", path_, message)};
}

bool JsonField::is(bool (Json::*type)() const noexcept, std::string_view wanted) const {
  if (value_ == nullptr || error_->has_value()) return false;
  if ((value_->*type)()) return true;
  reject(shown(*value_), wanted);
  return false;
}

JsonField JsonField::at(std::string_view key) const {
  const std::optional<JsonField> found = find(key);
  if (found) return *found;
  const JsonField missing = child(value_, fmt::format(".{}", key));
  missing.reject("nothing", "a value");
  return child(nullptr, fmt::format(".{}", key));
}

std::optional<JsonField> JsonField::find(std::string_view key) const {
  if (!is(&Json::is_object, "an object")) return std::nullopt;
  const auto member = value_->find(key);
  if (member == value_->end() || member->is_null()) return std::nullopt;
  return child(&*member, fmt::format(".{}", key));
}

std::vector<JsonField> JsonField::items() const {
  std::vector<JsonField> fields;
  if (!is(&Json::is_array, "an array")) return fields;
  fields.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i)
    fields.push_back(child(&(*value_)[i], fmt::format("[{}]", i)));
  return fields;
}

std::vector<std::pair<std::string, JsonField>> JsonField::members() const {
  std::vector<std::pair<std::string, JsonField>> fields;
  if (!is(&Json::is_object, "an object")) return fields;
  for (const auto& member : value_->items()) {
    fields.emplace_back(member.key(),
                        child(&member.value(), fmt::format("[{}]", quote(member.key()))));
  }
  return fields;
}

void JsonField::allow_only(std::initializer_list<std::string_view> keys) const {
  if (!is(&Json::is_object, "an object")) return;
  for (const auto& member : value_->items()) {
    if (std::find(keys.begin(), keys.end(), member.key()) != keys.end()) continue;
    reject(fmt::format("unknown field {}", quote(member.key())),
           fmt::format("one of {}", fmt::join(keys, ", ")));
  }
}

bool JsonField::is_text() const { return value_ != nullptr && value_->is_string(); }

Json JsonField::json() const {
  return value_ == nullptr || error_->has_value() ? Json(nullptr) : *value_;
}

std::string JsonField::text() const {
  return is(&Json::is_string, "a string") ? value_->get<std::string>() : std::string();
}

bool JsonField::boolean() const {
  return is(&Json::is_boolean, "true or false") && value_->get<bool>();
}

std::int64_t JsonField::integer(std::int64_t low, std::int64_t high) const {
  const std::string wanted = fmt::format("an integer from {} to {}", low, high);
  if (!is(&Json::is_number_integer, wanted)) return 0;
  // An unsigned value beyond int64 would wrap to a negative one.
  const bool fits = !value_->is_number_unsigned() || value_->get<std::uint64_t>() <= INT64_MAX;
  const std::int64_t value = fits ? value_->get<std::int64_t>() : 0;
  if (fits && low <= value && value <= high) return value;
  reject(shown(*value_), wanted);
  return 0;
}

double JsonField::number(double low, double high) const {
  const std::string wanted = fmt::format("a number from {} to {}", low, high);
  if (!is(&Json::is_number, wanted)) return 0;
  const auto value = value_->get<double>();
  if (low <= value && value <= high) return value;  // false for NaN, which JSON cannot spell anyway
  reject(shown(*value_), wanted);
  return 0;
}

}  // namespace fusesweep

#include "harness/core/report_json.h"

#include <cmath>

namespace fusesweep {

Json or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string read_text(const JsonField& of, std::string_view key) {
  const std::optional<JsonField> field = of.find(key);
  return field ? field->text() : std::string();
}

std::string read_name(const JsonField& field) {
  std::string name = field.text();
  if (name.empty()) field.reject("nothing", "a name");
  return name;
}

std::optional<double> read_number(const JsonField& of, std::string_view key, double least) {
  const std::optional<JsonField> field = of.find(key);
  return field ? std::optional(field->number(least, kMostNumber)) : std::nullopt;
}

double read_finite(const JsonField& field) { return field.number(-kMostNumber, kMostNumber); }

int read_count(const JsonField& field) {
  return static_cast<int>(field.integer(0, std::numeric_limits<int>::max()));
}

}  // namespace fusesweep

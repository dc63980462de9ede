// JSON out (every document says its schema_version first) and JSON in (read as hostile: every value
// is checked, every error names the place). The only file that calls nlohmann-json's throwing
// parser is json.cc.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

using Json = nlohmann::ordered_json;  // keeps the order in which members were added

// A new document to fill: {"schema_version": version}.
Json json_document(int schema_version);

// One line, no newline at its end. Bytes that are not UTF-8 become U+FFFD.
std::string to_text(const Json& json);

// `where` (a file's name, say) begins the message of an error, which names line and column.
Result<Json> parse_json(std::string_view text, std::string_view where);

// One value of a document and its path. Reading asks for a type and a range; the first thing that
// does not fit is noted in the JsonReader, and from then on every read answers with an empty value.
// So a whole document is read without a branch, and JsonReader::error is asked once, before
// anything that was read is believed.
class JsonField {
 public:
  JsonField at(std::string_view key) const;  // a member that must be there
  std::optional<JsonField> find(
      std::string_view key) const;       // a member that may be absent (null counts as absent)
  std::vector<JsonField> items() const;  // of an array
  std::vector<std::pair<std::string, JsonField>> members()
      const;  // of an object, in the document's order
  // Any member with another name is an error: a misspelt field must not be passed over.
  void allow_only(std::initializer_list<std::string_view> keys) const;

  bool is_text() const;  // where a member may be either text or something else

  std::string text() const;
  bool boolean() const;
  std::int64_t integer(std::int64_t low, std::int64_t high) const;
  double number(double low, double high) const;
  Json json() const;  // any value, as it stands and unchecked; null after an error
  const std::string& path() const { return path_; }

  // For checks that go beyond type and range: "PATH: found FOUND, want WANTED".
  void reject(std::string_view found, std::string_view wanted) const;
  // The same for a complaint that another check has put into words: "PATH: MESSAGE".
  void reject_with(std::string_view message) const;

 private:
  friend class JsonReader;
  JsonField(const Json* value, std::string path, std::optional<Error>* error)
      : value_(value), path_(std::move(path)), error_(error) {}
  JsonField child(const Json* value, std::string_view step) const;
  bool is(bool (Json::*type)() const noexcept, std::string_view wanted) const;

  const Json* value_;  // null once something did not fit
  std::string path_;
  std::optional<Error>* error_;
};

class JsonReader {
 public:
  // The document must outlive the reader and its fields; `where` begins every path.
  JsonReader(const Json& document, std::string where)
      : document_(document), where_(std::move(where)) {}
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  JsonField root() { return {&document_, where_, &error_}; }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Json& document_;
  std::string where_;
  std::optional<Error> error_;
};

}  // namespace fusesweep

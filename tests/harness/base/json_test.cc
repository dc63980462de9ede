#include "harness/base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

TEST(JsonDocument, SaysItsSchemaVersionFirst) {
  Json document = json_document(3);
  document["a"] = 1;
  EXPECT_EQ(to_text(document), R"({"schema_version":3,"a":1})");
}

TEST(JsonText, ReplacesWhatIsNotUtf8) { EXPECT_EQ(to_text(Json("a\xFFz")), "\"a\xEF\xBF\xBDz\""); }

TEST(JsonText, EscapesEveryControlCharacter) {
  const std::string text = "\x1b[2J \xC2\x9B\x7F \xC2\xA0";
  EXPECT_EQ(to_text(Json(text)), "\"\\u001b[2J \\u009b\\u007f \xC2\xA0\"");
  EXPECT_EQ(*parse_json(to_text(Json(text)), ""), Json(text));
}

TEST(ParseJson, SaysWhereASyntaxErrorIsInOneLine) {
  const Result<Json> json = parse_json("{\n  \"a\": 1,\n  oops}", "sweep.json");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(json.error().message.rfind("sweep.json: parse error at line 3, column 3", 0), 0U)
      << json.error().message;
  EXPECT_EQ(json.error().message.find('\n'), std::string::npos);
}

TEST(ParseJson, SurvivesDeepNesting) {
  const Result<Json> open = parse_json(std::string(1000000, '['), "deep.json");
  EXPECT_FALSE(open);
  const Result<Json> whole =
      parse_json(std::string(100000, '[') + std::string(100000, ']'), "deep.json");
  EXPECT_TRUE(whole);
}

// What reading `text` with `read` complains about; "" for nothing.
template <typename Read>
std::string complaint(std::string_view text, Read read) {
  const Result<Json> json = parse_json(text, "f.json");
  if (!json) return json.error().message;
  JsonReader reader(*json, "f.json");
  read(reader.root());
  return reader.error() ? reader.error()->message : "";
}

TEST(JsonReader, ReadsWhatFits) {
  const Result<Json> json =
      parse_json(R"({"n": -3, "x": 2.5, "t": "s", "b": true, "a": [1, 2], "z": null})", "f.json");
  ASSERT_TRUE(json);
  JsonReader reader(*json, "f.json");
  const JsonField root = reader.root();
  EXPECT_EQ(root.at("n").integer(-5, 5), -3);
  EXPECT_EQ(root.at("x").number(0, 3), 2.5);
  EXPECT_EQ(root.at("t").text(), "s");
  EXPECT_TRUE(root.at("b").boolean());
  ASSERT_EQ(root.at("a").items().size(), 2U);
  EXPECT_EQ(root.at("a").items()[1].integer(0, 9), 2);
  EXPECT_FALSE(root.find("z"));
  EXPECT_FALSE(root.find("none"));
  EXPECT_EQ(root.members().size(), 6U);
  EXPECT_FALSE(reader.error());
}

TEST(JsonReader, EachComplaintNamesPathFoundAndWanted) {
  EXPECT_EQ(complaint(R"({})", [](const JsonField& f) { f.at("a"); }),
            "f.json.a: found nothing, want a value");
  EXPECT_EQ(complaint(R"({"a": null})", [](const JsonField& f) { f.at("a"); }),
            "f.json.a: found nothing, want a value");
  EXPECT_EQ(complaint(R"([])", [](const JsonField& f) { f.at("a"); }),
            "f.json: found an array, want an object");
  EXPECT_EQ(complaint(R"({"a": {}})", [](const JsonField& f) { f.at("a").items(); }),
            "f.json.a: found an object, want an array");
  EXPECT_EQ(complaint(R"({"a": [1, "x"]})",
                      [](const JsonField& f) { f.at("a").items()[1].integer(0, 9); }),
            "f.json.a[1]: found 'x', want an integer from 0 to 9");
  EXPECT_EQ(complaint(R"({"a": 10})", [](const JsonField& f) { f.at("a").integer(0, 9); }),
            "f.json.a: found 10, want an integer from 0 to 9");
  EXPECT_EQ(complaint(R"({"a": 18446744073709551615})",
                      [](const JsonField& f) { f.at("a").integer(-1, 9); }),
            "f.json.a: found 18446744073709551615, want an integer from -1 to 9");
  EXPECT_EQ(complaint(R"({"a": 1.5})", [](const JsonField& f) { f.at("a").integer(0, 9); }),
            "f.json.a: found 1.5, want an integer from 0 to 9");
  EXPECT_EQ(complaint(R"({"a": 1e300})", [](const JsonField& f) { f.at("a").number(0, 1); }),
            "f.json.a: found 1e+300, want a number from 0 to 1");
  EXPECT_EQ(complaint(R"({"a": 1})", [](const JsonField& f) { f.at("a").text(); }),
            "f.json.a: found 1, want a string");
  EXPECT_EQ(complaint(R"({"a": 0})", [](const JsonField& f) { f.at("a").boolean(); }),
            "f.json.a: found 0, want true or false");
  EXPECT_EQ(complaint(R"({"a": 1, "aa\n": 2})",
                      [](const JsonField& f) {
                        f.allow_only({"a", "b"});
                      }),
            R"(f.json: found unknown field 'aa\n', want one of a, b)");
}

TEST(JsonReader, KeepsTheFirstComplaintAndReadsEmptyValuesAfterIt) {
  const Result<Json> json = parse_json(R"({"a": "x", "b": 7})", "f.json");
  ASSERT_TRUE(json);
  JsonReader reader(*json, "f.json");
  const JsonField root = reader.root();
  EXPECT_EQ(root.at("a").at("deeper").at("still").integer(1, 2), 0);
  EXPECT_EQ(root.at("b").integer(0, 9), 0);
  ASSERT_TRUE(reader.error());
  EXPECT_EQ(reader.error()->message, "f.json.a: found 'x', want an object");
}

}  // namespace
}  // namespace fusesweep

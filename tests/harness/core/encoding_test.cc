#include "harness/core/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

// The spellings are stored in databases.
TEST(Encoding, KeepsItsSpelling) {
  const struct {
    Encoding encoding;
    const char* text;
    std::uint64_t bytes;
  } rows[] = {
      {Encoding::kInt8, "int8", 1},
      {Encoding::kUint8, "uint8", 1},
      {Encoding::kShiftScaleTensor, "shift-scale-tensor", 1},
      {Encoding::kShiftScaleChannel, "shift-scale-channel", 1},
      {Encoding::kFp16, "fp16", 2},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(to_text(row.encoding), row.text);
    EXPECT_EQ(*parse_encoding(row.text), row.encoding);
    EXPECT_EQ(bytes_per_weight(row.encoding), row.bytes);
  }
}

TEST(Encoding, AnUnknownOneListsTheKnownOnes) {
  EXPECT_EQ(parse_encoding("INT8").error().message,
            "found 'INT8', want one of int8, uint8, shift-scale-tensor, shift-scale-channel, fp16");
}

}  // namespace
}  // namespace fusesweep

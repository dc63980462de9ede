#include "topologies/recorded_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "harness/base/file.h"
#include "harness/core/contract.h"
#include "harness/core/shard_weight.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string phi_text() {
  return *read_file(std::string(FUSESWEEP_SOURCE_DIR) + "/topologies/recorded/phi4-mini-m4max.json",
                    1 << 20);
}

RecordedFacts phi() {
  Result<RecordedFacts> facts = parse_recorded_facts(phi_text(), "phi4-mini-m4max.json");
  EXPECT_TRUE(facts) << facts.error().message;
  return *std::move(facts);
}

constexpr double kMib = 1024.0 * 1024.0;
constexpr double kGib = 1024.0 * kMib;

TEST(RecordedPhi, SizesFollowFromTheModelsDimensions) {
  const RecordedFacts facts = phi();
  const Contract contract = *known_model(facts.model);
  EXPECT_EQ(facts.n_layers, contract.n_layers);
  EXPECT_EQ(facts.conv_weights_per_layer,
            shard_weight_bytes(contract, Segment{0, 1}, facts.encoding));
  EXPECT_EQ(static_cast<double>(facts.conv_weights_per_layer), 96 * kMib);

  int sizes = 0;
  for (const RecordedShard& shard : facts.shards) {
    const auto bytes =
        static_cast<double>(shard_weight_bytes(contract, shard.segment, facts.encoding));
    SCOPED_TRACE(to_text(shard.segment));
    if (shard.artifact_gib) {
      EXPECT_NEAR(*shard.artifact_gib, bytes / kGib, 0.05 + 1e-9);  // printed to a tenth
      ++sizes;
    }
    if (shard.artifact_mib) {
      EXPECT_GE(*shard.artifact_mib, bytes / kMib);  // the weights, and a little for the program
      EXPECT_LE(*shard.artifact_mib, bytes / kMib + 1);
      ++sizes;
    }
  }
  EXPECT_EQ(sizes, 7);
}

TEST(RecordedPhi, OperationCountsAreLinearInTheLayers) {
  const RecordedFacts facts = phi();
  ASSERT_THAT(facts.operation_counts, SizeIs(10));
  for (const RecordedOperationCount& count : facts.operation_counts) {
    SCOPED_TRACE(count.layers);
    const int per_layer =
        count.rope_dim == 96 ? 149 : 145;  // a partial rotation costs four more operations
    EXPECT_EQ(count.compute_total, per_layer * count.layers + 3);
  }
  for (const RecordedShard& shard : facts.shards) {
    SCOPED_TRACE(to_text(shard.segment));
    if (shard.conv) {
      EXPECT_EQ(shard.conv->total, facts.conv_per_layer * shard.segment.layers());
    }
    if (shard.compute && shard.rope_dim == 96) {
      EXPECT_EQ(shard.compute->total, 149 * shard.segment.layers() + 3);
    }
  }
}

TEST(RecordedPhi, EveryResidentShardHasNoOperationElsewhere) {
  for (const RecordedShard& shard : phi().shards) {
    SCOPED_TRACE(to_text(shard.segment));
    const bool conv_all = !shard.conv || shard.conv->resident == shard.conv->total;
    const bool compute_all = !shard.compute || shard.compute->resident == shard.compute->total;
    EXPECT_EQ(shard.resident, conv_all && compute_all);
  }
}

TEST(RecordedPhi, TheCliffLiesBetweenTwentyAndTwentyFourLayers) {
  const RecordedFacts facts = phi();
  int longest_resident = 0;
  int shortest_other = 99;
  for (const RecordedShard& shard : facts.shards) {
    if (shard.resident) longest_resident = std::max(longest_resident, shard.segment.layers());
    if (!shard.resident) shortest_other = std::min(shortest_other, shard.segment.layers());
  }
  EXPECT_EQ(longest_resident, 20);
  EXPECT_EQ(shortest_other, 24);
}

TEST(RecordedPhi, TokensPerSecondAgreeWithTheTimesOfTheirParts) {
  int compared = 0;
  for (const RecordedSplit& split : phi().splits) {
    for (const RecordedRun& run : split.runs) {
      if (!run.layers_ms_per_token || !run.head_ms_per_token) continue;
      // What is left beside layers and head is host work: not negative beyond the figures'
      // rounding, and never more than a millisecond.
      const double host_ms =
          1000 / run.decode_tok_per_s - *run.layers_ms_per_token - *run.head_ms_per_token;
      EXPECT_GT(host_ms, -0.005) << to_text(split.split) << " " << run.source;
      EXPECT_LT(host_ms, 1) << to_text(split.split) << " " << run.source;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 10);
}

// The text of the recorded file with one part of it replaced: a planted fault.
std::string spoiled(std::string_view part, std::string_view with) {
  std::string text = phi_text();
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), with);
}

TEST(ParseRecordedFacts, NamesThePlaceOfAFault) {
  const struct {
    const char* part;
    const char* with;
    const char* message;
  } rows[] = {
      {"fusesweep-recorded-facts", "facts",
       "f.json.format: found 'facts', want 'fusesweep-recorded-facts'"},
      {R"("format_version": 1)", R"("format_version": 2)", "f.json.format_version: found 2"},
      {R"("segment": [0, 1])", R"("segment": [1, 1])",
       "f.json.shards[0].segment[1]: found 1, want an integer from 2 to 32"},
      {R"("segment": [0, 24])", R"("segment": [0, 33])",
       ".segment[1]: found 33, want an integer from 1 to 32"},
      {R"("segment": [0, 24])", R"("segment": [24])",
       ".segment: found 1 numbers, want [begin, end]"},
      {R"("total": 96, "resident": 0)", R"("total": 96, "resident": 97)",
       "resident: found 97, want at most total"},
      {R"("total": 96,)", R"("totl": 96,)",
       "found unknown field 'totl', want one of total, resident"},
      {R"("split": "16+8+6+2")", R"("split": "16+8+6")",
       ".split: found '16+8+6', want a split of 32 layers"},
      {R"("source": "journal:50")", R"("source": "journal:51")",
       ".source: found 'journal:51', want the id of a listed"},
      {R"("golden": {"non_finite": true})", R"("golden": {"non_finite": true, "cosine": 1})",
       "golden: found a cosine"},
      {R"("cosine": 0.999958)", R"("cosine": 1.5)",
       "cosine: found 1.5, want a number from -1 to 1"},
      {R"("name": "phi4-mini")", R"("name": "phi5")",
       "f.json.model.name: found 'phi5', want a known model"},
      {R"("id": "journal:36")", R"("id": "journal:29")",
       ".id: found an id that was listed before, want each once"},
      {R"("n_layers": 32)", R"("n_layers": 31)",
       "f.json.model.n_layers: found 31, want 32 as the model has"},
      {R"("encoding": "int8")", R"("encoding": "int7")",
       "f.json.model.encoding: found 'int7', want a known encoding"},
      {R"("decode_tok_per_s": 8.14,)", "",
       "f.json.splits[0].runs[0].decode_tok_per_s: found nothing, want a value"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.with);
    const Result<RecordedFacts> facts = parse_recorded_facts(spoiled(row.part, row.with), "f.json");
    ASSERT_FALSE(facts);
    EXPECT_THAT(facts.error().message, HasSubstr(row.message));
  }
}

TEST(ParseRecordedFacts, WhatIsNotStatedIsAbsent) {
  const RecordedFacts facts = phi();
  const RecordedRun& slowest = facts.splits.at(0).runs.at(0);
  EXPECT_EQ(slowest.decode_tok_per_s, 8.140);
  EXPECT_FALSE(slowest.prefill_tok_per_s);
  const RecordedSplit& out = facts.splits.back();
  EXPECT_EQ(to_text(out.split), "24+6+2");
  EXPECT_TRUE(out.runs.empty());
}

}  // namespace
}  // namespace fusesweep

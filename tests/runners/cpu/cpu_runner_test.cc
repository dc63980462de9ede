#include "runners/cpu/cpu_runner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <random>
#include <span>

#include "harness/base/clock.h"
#include "harness/base/fp16.h"
#include "harness/core/golden_numbers.h"
#include "harness/core/shard_weight.h"
#include "runners/cpu/kernels.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/manifest_export.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/program_builder.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/npy.h"
#include "runners/model/reference.h"
#include "runners/model/synthetic_model.h"
#include "tests/support/temporary_folder.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kContext = 128;
const std::vector<int> kIds = {17, 4, 250, 3, 99, 99, 0, 128, 4095, 7};

std::size_t size_of(int n) { return static_cast<std::size_t>(n); }

// Over all values as one vector.
GoldenNumbers compared(std::span<const float> found, std::span<const float> wanted) {
  return compare_outputs(found, wanted, wanted.size());
}

// The nano model, all 32 layers of it, and its shards as tests ask for them.
class CpuRunnerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const std::filesystem::path path = folder_->path() / "nano.gguf";
    ASSERT_TRUE(write_synthetic_model(
        {.name = "nano", .contract = *known_model("nano"), .type = SyntheticType::kQ8_0, .seed = 3},
        path, progress_));
    Result<ModelFile> model = open_model_file(path, 2);
    ASSERT_TRUE(model) << model.error().message;
    model_ = new ModelFile(*std::move(model));
  }
  static void TearDownTestSuite() {
    delete model_;
    delete folder_;
  }

  static std::filesystem::path build(ShardIdentity asked) {
    const auto artifact = build_shard(*model_, shard_of(*model_, std::move(asked)),
                                      folder_->path() / "artifacts", {.threads = 2}, progress_);
    EXPECT_TRUE(artifact) << artifact.error().message;
    return artifact->folder;
  }

  static std::filesystem::path build_segment(Segment segment) {
    return build({.kind = segment, .tokens = 1, .context = kContext});
  }

  // The manifest of a split, with its shards built.
  static std::filesystem::path manifest(const std::string& split, int tokens = 1,
                                        KvForm kv_form = KvForm::kMask, int head_shards = 1) {
    const ManifestRequest request{.split = *parse_split(split),
                                  .context = kContext,
                                  .tokens = tokens,
                                  .kv_form = kv_form,
                                  .head_shards = head_shards};
    std::vector<ShardKind> kinds = {EmbeddingTable{}};
    for (const Segment& segment : request.split.segments()) kinds.emplace_back(segment);
    const std::vector<HeadSlice> slices = *head_slices(model_->contract, head_shards);
    kinds.insert(kinds.end(), slices.begin(), slices.end());
    for (const ShardKind& kind : kinds)
      build({.kind = kind, .tokens = tokens, .context = kContext, .kv_form = kv_form});
    const std::filesystem::path path =
        folder_->path() /
        fmt::format("{}_{}_{}_{}.json", split, tokens, to_text(kv_form), head_shards);
    const auto found =
        find_manifest(list_artifacts(folder_->path() / "artifacts"), request, folder_->path(), 2);
    EXPECT_TRUE(found) << found.error().message;
    std::ofstream(path) << to_json(*found).dump();
    return path;
  }

  static Opened open(OpenRequest request) {
    CpuRunner runner;
    Result<Opened> opened = runner.open(request, progress_);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  static RunnerOptions with_isa(std::string_view isa, int threads = 2) {
    return {.threads = threads, .own = {{"cpu", {{"isa", std::string(isa)}}}}};
  }

  static std::vector<float> logits(const OpenRequest& request, const std::vector<int>& ids) {
    const Opened opened = open(request);
    const auto outputs = opened.session->run({.ids = ids, .folder = folder_->path()});
    EXPECT_TRUE(outputs) << outputs.error().message;
    return read_npy(outputs->back().file)->values;
  }

  static const SystemClock clock_;
  static Progress progress_;
  static TemporaryFolder* folder_;
  static ModelFile* model_;
};

const SystemClock CpuRunnerTest::clock_;
Progress CpuRunnerTest::progress_({}, CpuRunnerTest::clock_);
TemporaryFolder* CpuRunnerTest::folder_ = nullptr;
ModelFile* CpuRunnerTest::model_ = nullptr;

// A segment's output is that of its layers one after the other, to the bit (below); so every segment
// [a, b) is covered by the chains of single layers that begin at each a.
TEST_F(CpuRunnerTest, EverySegmentAgreesWithTheReferenceOnTheSameWeights) {
  Result<Reference> reference = Reference::open(
      model_->file,
      {.weights = ReferenceWeights::kInt8PerTensor, .context = kContext, .threads = 2});
  ASSERT_TRUE(reference);
  const auto hidden = reference->run(kIds)->hidden;
  const std::size_t d_model = size_of(model_->contract.d_model);
  std::vector<std::filesystem::path> layers;
  for (int i = 0; i < 32; ++i) layers.push_back(build_segment({i, i + 1}));
  double worst = 0;
  for (std::size_t begin = 0; begin < layers.size(); ++begin) {
    const std::filesystem::path input = folder_->path() / "x.npy";
    ASSERT_TRUE(write_npy(input, {kIds.size(), d_model}, hidden[begin]));
    const Opened opened =
        open({.artifacts = {layers.begin() + static_cast<std::ptrdiff_t>(begin), layers.end()}});
    const auto outputs = opened.session->run({.hidden = input, .folder = folder_->path()});
    ASSERT_TRUE(outputs) << outputs.error().message;
    for (std::size_t i = 0; i < outputs->size(); ++i) {
      const auto found = read_npy((*outputs)[i].file);
      ASSERT_TRUE(found);
      const double error = compared(found->values, hidden[begin + i + 1]).relative_l2.value();
      EXPECT_LT(error, 5e-3) << fmt::format("[{},{})", begin, begin + i + 1);
      worst = std::max(worst, error);
    }
  }
  RecordProperty("worst_relative_l2", fmt::format("{}", worst));
}

TEST_F(CpuRunnerTest, TeacherForcedLogitsAgreeWithTheReference) {
  constexpr int kPrompts = 5;
  constexpr int kLength = 64;
  const std::size_t vocab = size_of(model_->contract.vocab_size);
  const Opened opened = open({.manifest = manifest("16+8+6+2")});
  std::mt19937 random(11);
  int same = 0;
  double lowest = 1;
  for (int prompt = 0; prompt < kPrompts; ++prompt) {
    std::vector<int> ids(kLength);
    for (int& id : ids) id = static_cast<int>(random() % vocab);
    Result<Reference> reference = Reference::open(
        model_->file,
        {.weights = ReferenceWeights::kInt8PerTensor, .context = kContext, .threads = 2});
    const std::vector<float> wanted = reference->run(ids)->logits;
    const auto outputs = opened.session->run({.ids = ids, .folder = folder_->path()});
    ASSERT_TRUE(outputs) << outputs.error().message;
    const std::vector<float> found = read_npy(outputs->back().file)->values;
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t at = 0; at < found.size(); at += vocab) {
      const auto a = std::span(found).subspan(at, vocab);
      const auto b = std::span(wanted).subspan(at, vocab);
      lowest = std::min(lowest, compared(a, b).cosine.value());
      same += greedy_id(a) == greedy_id(b) ? 1 : 0;
    }
  }
  EXPECT_GE(lowest, 0.999);
  EXPECT_GE(same, 0.97 * kPrompts * kLength);
  RecordProperty("lowest_cosine", fmt::format("{}", lowest));
  RecordProperty("same_top_token", same);
}

TEST_F(CpuRunnerTest, EverySplitGivesTheSameBits) {
  const std::vector<float> whole = logits({.manifest = manifest("32")}, kIds);
  EXPECT_EQ(logits({.manifest = manifest("16+8+6+2")}, kIds), whole);
  EXPECT_EQ(logits({.manifest = manifest("32x1")}, kIds), whole);
}

TEST_F(CpuRunnerTest, EveryNumberOfTokensACallGivesTheSameBitsInBothCacheForms) {
  const std::vector<float> one = logits({.manifest = manifest("16+8+6+2")}, kIds);
  for (const int tokens : {1, 2, 4, 8, 16}) {
    for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice})
      EXPECT_EQ(logits({.manifest = manifest("16+8+6+2", tokens, kv_form)}, kIds), one)
          << tokens << to_text(kv_form);
  }
}

TEST_F(CpuRunnerTest, EveryInstructionSetThreadCountAndRefGiveTheSameBits) {
  const std::filesystem::path path = manifest("16+8+6+2");
  const std::vector<float> ref = logits({.manifest = path, .options = with_isa("ref")}, kIds);
  for (const Kernels& kernels : vector_kernels()) {
    for (const int threads : {1, 2, 3})
      EXPECT_EQ(logits({.manifest = path, .options = with_isa(kernels.name, threads)}, kIds), ref)
          << kernels.name << threads;
  }
  // Beyond the limit the graph is on ref.
  EXPECT_EQ(logits({.manifest = path, .options = {.residency_limit_bytes = 1}}, kIds), ref);
}

TEST_F(CpuRunnerTest, SlicesOfTheHeadAreOneListOfLogits) {
  const Opened opened = open({.manifest = manifest("32", 1, KvForm::kMask, 3)});
  EXPECT_EQ(opened.groups.back().group, "head");
  const auto outputs = opened.session->run({.ids = kIds, .folder = folder_->path()});
  ASSERT_TRUE(outputs);
  const NpyArray array = *read_npy(outputs->back().file);
  EXPECT_THAT(array.shape, ElementsAre(kIds.size(), size_of(model_->contract.vocab_size)));
  // Each slice has a scale of its own, so the bits are others than with one slice; ids are the argmax
  // over all of them.
  const auto decoded = opened.session->decode({.prompt = kIds, .decode_tokens = 0});
  ASSERT_TRUE(decoded);
  const std::size_t vocab = size_of(model_->contract.vocab_size);
  EXPECT_EQ(decoded->ids.front(), greedy_id(std::span(array.values).last(vocab)));
}

// [n, columns) of a [n, width] array.
std::vector<float> columns_of(const NpyArray& array, std::size_t begin, std::size_t end) {
  std::vector<float> columns;
  for (std::size_t row = 0; row < array.shape[0]; ++row) {
    const auto values = std::span(array.values).subspan(row * array.shape[1], array.shape[1]);
    columns.insert(columns.end(), values.begin() + static_cast<std::ptrdiff_t>(begin),
                   values.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return columns;
}

TEST_F(CpuRunnerTest, EverySliceOfTheHeadAloneGivesItsRowsOfTheLogits) {
  const std::vector<HeadSlice> slices = *head_slices(model_->contract, 2);
  for (const int tokens : {1, 4}) {
    const Opened whole = open({.manifest = manifest("32", tokens, KvForm::kMask, 2)});
    const std::filesystem::path folder = folder_->path() / "slices";
    std::filesystem::create_directories(folder);
    const auto outputs = whole.session->run({.ids = kIds, .folder = folder_->path()});
    ASSERT_TRUE(outputs) << outputs.error().message;
    const NpyArray logits = *read_npy(outputs->back().file);
    for (const HeadSlice& slice : slices) {
      SCOPED_TRACE(slice.vocab_begin);
      const Opened opened = open({.artifacts = {build({.kind = slice, .tokens = tokens})}});
      EXPECT_EQ(opened.groups.front().group, "head");
      const auto alone = opened.session->run({.hidden = outputs->front().file, .folder = folder});
      ASSERT_TRUE(alone) << alone.error().message;
      const NpyArray found = *read_npy(alone->front().file);
      EXPECT_THAT(found.shape,
                  ElementsAre(kIds.size(), size_of(slice.vocab_end - slice.vocab_begin)));
      EXPECT_EQ(found.values,
                columns_of(logits, size_of(slice.vocab_begin), size_of(slice.vocab_end)));
      EXPECT_FALSE(opened.session->run({.ids = kIds, .folder = folder}));
    }
  }
}

TEST_F(CpuRunnerTest, AChainGivesTheBitsOfItsGroupsOneAfterTheOther) {
  const HeadSlice slice = head_slices(model_->contract, 2)->back();
  const std::vector<std::filesystem::path> chain = {build_segment({0, 3}), build_segment({3, 4}),
                                                    build_segment({4, 8}),
                                                    build({.kind = slice, .tokens = 1})};
  const std::size_t d_model = size_of(model_->contract.d_model);
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> values(kIds.size() * d_model);
  for (float& value : values) value = fp16_to_float(float_to_fp16(normal(random)));
  const std::filesystem::path input = folder_->path() / "x.npy";
  ASSERT_TRUE(write_npy(input, {kIds.size(), d_model}, values));
  const std::filesystem::path apart = folder_->path() / "apart";
  std::filesystem::create_directories(apart);

  const Opened opened = open({.artifacts = chain});
  const auto outputs = opened.session->run({.hidden = input, .folder = folder_->path()});
  ASSERT_TRUE(outputs) << outputs.error().message;
  ASSERT_EQ(outputs->size(), chain.size());
  std::filesystem::path next = input;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    SCOPED_TRACE((*outputs)[i].group);
    const auto alone =
        open({.artifacts = {chain[i]}}).session->run({.hidden = next, .folder = apart});
    ASSERT_TRUE(alone) << alone.error().message;
    EXPECT_EQ(alone->front().group, (*outputs)[i].group);
    EXPECT_EQ(alone->front().placement, (*outputs)[i].placement);
    EXPECT_EQ(read_npy(alone->front().file)->values, read_npy((*outputs)[i].file)->values);
    next = alone->front().file;
  }
}

TEST_F(CpuRunnerTest, PlacementOfTwentyLayersIsResidentUpToTheLimitAndNotAByteBelow) {
  CpuRunner runner;
  const std::filesystem::path artifact = build_segment({0, 20});
  const std::uint64_t weights =
      shard_weight_bytes(model_->contract, Segment{0, 20}, Encoding::kInt8);
  const Result<Placement> within =
      runner.inspect({.artifact = artifact, .options = {.residency_limit_bytes = weights}});
  ASSERT_TRUE(within) << within.error().message;
  EXPECT_EQ(within->conv, (ResidentCount{80, 80}));
  EXPECT_EQ(within->compute->resident, within->compute->total);
  EXPECT_EQ(strictly_resident(*within), true);
  EXPECT_TRUE(within->non_resident.empty());

  const Result<Placement> beyond =
      runner.inspect({.artifact = artifact, .options = {.residency_limit_bytes = weights - 1}});
  ASSERT_TRUE(beyond);
  EXPECT_EQ(beyond->conv, (ResidentCount{80, 0}));
  EXPECT_EQ(beyond->compute->resident, 0U);
  EXPECT_EQ(beyond->compute->total, within->compute->total);
  EXPECT_THAT(beyond->non_resident.front().reason,
              HasSubstr(fmt::format("more than the residency limit of {}", weights - 1)));
}

TEST_F(CpuRunnerTest, PlacementNamesTheImplementationOfEveryKind) {
  CpuRunner runner;
  const Placement placement = *runner.inspect({.artifact = build_segment({0, 1})});
  std::uint64_t sum = 0;
  std::map<std::string, std::string> implementations;
  for (const PlacedKind& kind : placement.kinds) {
    sum += kind.count;
    implementations[kind.type] = kind.implementation;
  }
  EXPECT_EQ(sum, placement.compute->total);
  const std::string isa =
      vector_kernels().empty() ? "ref" : std::string(vector_kernels().front().name);
  EXPECT_EQ(implementations["conv"], "int8_conv." + isa);
  EXPECT_EQ(implementations["softmax"], "softmax." + isa);
  EXPECT_EQ(implementations["reshape"], "alias");
}

// What inspect says of a group, as if it were of a run.
Placement planned(const std::vector<std::filesystem::path>& artifacts,
                  const RunnerOptions& options = {}) {
  CpuRunner runner;
  Placement sum{
      .evidence = PlacementEvidence::kRun, .conv = ResidentCount{}, .compute = ResidentCount{}};
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> kinds;
  for (const std::filesystem::path& artifact : artifacts) {
    const Result<Placement> plan = runner.inspect({.artifact = artifact, .options = options});
    EXPECT_TRUE(plan) << plan.error().message;
    for (const auto count : {&Placement::conv, &Placement::compute}) {
      (sum.*count)->total += ((*plan).*count)->total;
      (sum.*count)->resident += ((*plan).*count)->resident;
    }
    for (const PlacedKind& kind : plan->kinds)
      kinds[{kind.type, kind.place, kind.implementation}] += kind.count;
    sum.non_resident.insert(sum.non_resident.end(), plan->non_resident.begin(),
                            plan->non_resident.end());
  }
  for (const auto& [kind, count] : kinds)
    sum.kinds.push_back({std::get<0>(kind), std::get<1>(kind), std::get<2>(kind), count});
  return sum;
}

TEST_F(CpuRunnerTest, WhatRanIsPlacedAsWasPlannedForEveryGroupAndOption) {
  const std::vector<HeadSlice> three = *head_slices(model_->contract, 3);
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    const OpenRequest request{.manifest = manifest("3+2+27", 4, kv_form, 3)};
    const auto layers = [&](Segment segment) {
      return build({.kind = segment, .tokens = 4, .context = kContext, .kv_form = kv_form});
    };
    std::vector<std::filesystem::path> slices;
    for (const HeadSlice& slice : three)
      slices.push_back(build({.kind = slice, .tokens = 4, .kv_form = kv_form}));
    for (const RunnerOptions& options :
         {RunnerOptions{}, with_isa("ref"), RunnerOptions{.residency_limit_bytes = 1 << 20}}) {
      OpenRequest with_options = request;
      with_options.options = options;
      const Opened opened = open(with_options);
      const auto outputs = opened.session->run({.ids = kIds, .folder = folder_->path()});
      ASSERT_TRUE(outputs) << outputs.error().message;
      ASSERT_EQ(outputs->size(), 4U);
      EXPECT_EQ((*outputs)[0].placement, planned({layers({0, 3})}, options));
      EXPECT_EQ((*outputs)[1].placement, planned({layers({3, 5})}, options));
      EXPECT_EQ((*outputs)[3].placement, planned(slices, options));
      EXPECT_EQ((*outputs)[3].placement->conv->total, 3U);
    }
  }
}

TEST_F(CpuRunnerTest, WhatWasLoadedUnderOtherOptionsDisagreesWithThePlan) {
  const std::filesystem::path artifact = build_segment({0, 2});
  const std::filesystem::path input = folder_->path() / "one.npy";
  ASSERT_TRUE(write_npy(input, {1, size_of(model_->contract.d_model)},
                        std::vector<float>(size_of(model_->contract.d_model), 0.5F)));
  const auto ran = [&](const RunnerOptions& options) {
    const Opened opened = open({.artifacts = {artifact}, .options = options});
    const auto outputs = opened.session->run({.hidden = input, .folder = folder_->path()});
    EXPECT_TRUE(outputs) << outputs.error().message;
    return outputs->front().placement.value();
  };
  const Placement plan = planned({artifact});
  EXPECT_EQ(ran({}), plan);
  const Placement beyond = ran({.residency_limit_bytes = 1});
  EXPECT_EQ(beyond.conv, (ResidentCount{8, 0}));
  EXPECT_EQ(beyond.compute, (ResidentCount{plan.compute->total, 0}));
  EXPECT_EQ(beyond.non_resident.size(), plan.compute->total);
  EXPECT_THAT(beyond.non_resident.front().reason, HasSubstr("more than the residency limit of 1"));
  for (std::size_t i = 1; i < vector_kernels().size(); ++i) {
    const Placement other = ran(with_isa(vector_kernels()[i].name));
    EXPECT_EQ(other.compute, plan.compute);
    EXPECT_NE(other.kinds, plan.kinds);
  }
}

TEST_F(CpuRunnerTest, GroupsAddUpToTheTokensTime) {
  const Opened opened = open({.manifest = manifest("16+8+6+2")});
  const auto decoded = opened.session->decode({.prompt = kIds, .decode_tokens = 20});
  ASSERT_TRUE(decoded);
  EXPECT_THAT(decoded->groups,
              ElementsAre("embed", "host", "[0,16)", "[16,24)", "[24,30)", "[30,32)", "head"));
  ASSERT_EQ(decoded->token_ns.size(), 20U);
  EXPECT_EQ(decoded->ids.size(), 21U);
  // Laps follow one another without a gap. What else the machine does may fall between two laps of a token,
  // of any but hardly of all.
  double largest_share = 0;
  for (std::size_t i = 0; i < decoded->token_ns.size(); ++i) {
    const std::vector<std::int64_t>& laps = decoded->group_ns[i];
    const std::int64_t groups = std::accumulate(laps.begin(), laps.end(), std::int64_t{0});
    EXPECT_LE(groups, decoded->token_ns[i]);
    largest_share = std::max(
        largest_share, static_cast<double>(groups) / static_cast<double>(decoded->token_ns[i]));
  }
  EXPECT_GE(largest_share, 0.98);
  EXPECT_GT(*decoded->prefill_ns, 0);
}

TEST_F(CpuRunnerTest, DecodingGoesOnFromWhatThePromptsLogitsSay) {
  const Opened opened = open({.manifest = manifest("16+8+6+2", 4)});
  const auto decoded = opened.session->decode({.prompt = kIds, .decode_tokens = 6});
  ASSERT_TRUE(decoded);
  // Teacher-forced with its own output, every position's best is the next id.
  std::vector<int> all = kIds;
  all.insert(all.end(), decoded->ids.begin(), decoded->ids.end());
  const auto outputs = opened.session->run({.ids = all, .folder = folder_->path()});
  ASSERT_TRUE(outputs);
  const std::vector<float> values = read_npy(outputs->back().file)->values;
  const std::size_t vocab = size_of(model_->contract.vocab_size);
  for (std::size_t i = 0; i < decoded->ids.size(); ++i) {
    EXPECT_EQ(decoded->ids[i],
              greedy_id(std::span(values).subspan((kIds.size() - 1 + i) * vocab, vocab)));
  }
  // Every decode begins anew.
  EXPECT_EQ(opened.session->decode({.prompt = kIds, .decode_tokens = 6})->ids, decoded->ids);
}

TEST_F(CpuRunnerTest, StopsAtTheEndOfTextOnlyWhenAsked) {
  const std::filesystem::path path = manifest("32");
  const auto decoded =
      open({.manifest = path}).session->decode({.prompt = kIds, .decode_tokens = 3});
  Json edited = *parse_json(
      [&] {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
      }(),
      "manifest");
  edited["eos_token_id"] = decoded->ids[1];
  if (edited.contains("fusesweep") && edited["fusesweep"].contains("contract"))
    edited["fusesweep"]["contract"]["eos_token_id"] = decoded->ids[1];
  const std::filesystem::path with_eos = folder_->path() / "eos.json";
  std::ofstream(with_eos) << edited.dump();
  OpenRequest request{.manifest = with_eos};
  EXPECT_EQ(open(request).session->decode({.prompt = kIds, .decode_tokens = 3})->ids, decoded->ids);
  request.options.stop_at_eos = true;
  const auto stopped = open(request).session->decode({.prompt = kIds, .decode_tokens = 3});
  EXPECT_THAT(stopped->ids, ElementsAre(decoded->ids[0], decoded->ids[1]));
  EXPECT_EQ(stopped->token_ns.size(), 1U);
}

TEST_F(CpuRunnerTest, ADecodingThatGoesOnGivesTheIdsOfOneInOnePiece) {
  for (const int tokens : {1, 4}) {
    SCOPED_TRACE(tokens);
    const Opened opened = open({.manifest = manifest("16+8+6+2", tokens, KvForm::kSlice)});
    Session& session = *opened.session;
    const auto whole = session.decode({.prompt = kIds, .decode_tokens = 7});
    std::vector<int> ids = session.decode({.prompt = kIds, .decode_tokens = 3})->ids;
    for (const int more : {1, 3}) {
      const auto next = session.decode({.prompt = {}, .decode_tokens = more});
      ASSERT_TRUE(next) << next.error().message;
      EXPECT_EQ(next->ids.size(), next->token_ns.size());
      EXPECT_EQ(next->prefill_ns, std::nullopt);
      ids.insert(ids.end(), next->ids.begin(), next->ids.end());
    }
    EXPECT_EQ(ids, whole->ids);
    // It stays within the cache, and there is nothing to go on with once something else has run.
    EXPECT_THAT(session.decode({.prompt = {}, .decode_tokens = kContext}).error().message,
                HasSubstr("of the cache"));
    ASSERT_TRUE(session.time({.group = "[30,32)", .calls = 1}));
    EXPECT_EQ(session.decode({.prompt = {}, .decode_tokens = 1}).error().message,
              "found no ids, want at least one");
  }
}

TEST_F(CpuRunnerTest, InjectedWaitingShowsInItsGroup) {
  OpenRequest request{.manifest = manifest("16+8+6+2")};
  request.options.inject_ns = {{"[24,30)", 3'000'000}};
  const auto decoded = open(request).session->decode({.prompt = {1}, .decode_tokens = 2});
  ASSERT_TRUE(decoded);
  EXPECT_GE(decoded->group_ns[1][4], 3'000'000);
}

TEST_F(CpuRunnerTest, OneGroupIsTimedAlone) {
  const Opened opened = open({.artifacts = {build_segment({0, 4}), build_segment({4, 5})}});
  const auto calls = opened.session->time({.group = "[4,5)", .calls = 3});
  ASSERT_TRUE(calls) << calls.error().message;
  EXPECT_EQ(calls->size(), 3U);
  EXPECT_THAT(*calls, testing::Each(testing::Gt(0)));
  const auto unknown = opened.session->time({.group = "[5,6)", .calls = 3});
  EXPECT_EQ(unknown.error().message, "group: found '[5,6)', want one of [0,4), [4,5)");
}

// The waiting that is added to a group's calls tells how many there were: the least of several attempts,
// for others may add to it, but nobody takes away.
TEST_F(CpuRunnerTest, AGroupIsWarmedUpAsOftenAsAskedBeforeItIsTimed) {
  constexpr std::int64_t kWaitNs = 50'000'000;
  constexpr int kAttempts = 4;
  const std::filesystem::path artifact = build_segment({0, 4});
  for (const int warmup_calls : {0, 1, 3}) {
    SCOPED_TRACE(warmup_calls);
    OpenRequest request{.artifacts = {artifact}};
    request.options.warmup_calls = warmup_calls;
    request.options.inject_ns = {{"[0,4)", kWaitNs}};
    const Opened opened = open(request);
    std::int64_t least_ns = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < kAttempts; ++i) {
      const auto begin = clock_.steady_now();
      const auto calls = opened.session->time({.group = "[0,4)", .calls = 1});
      const std::chrono::nanoseconds all = clock_.steady_now() - begin;
      ASSERT_TRUE(calls) << calls.error().message;
      ASSERT_EQ(calls->size(), 1U);
      least_ns = std::min(least_ns, all.count());
    }
    EXPECT_EQ(least_ns / kWaitNs, warmup_calls + 1);
  }
}

TEST_F(CpuRunnerTest, TimingAGroupAfterADecodeEndsTheDecode) {
  const Opened opened = open({.manifest = manifest("16+8+6+2")});
  ASSERT_TRUE(opened.session->decode({.prompt = {1}, .decode_tokens = 2}));
  ASSERT_TRUE(opened.session->time({.group = "[0,16)", .calls = 1}));
  EXPECT_FALSE(opened.session->decode({.prompt = {}, .decode_tokens = 2}));
}

TEST_F(CpuRunnerTest, OpeningTellsLoadAndActivationOfEachGroupApart) {
  const Opened opened = open({.manifest = manifest("16+8+6+2")});
  ASSERT_EQ(opened.groups.size(), 5U);
  for (const GroupLoad& group : opened.groups) {
    EXPECT_GT(group.load_ns.value_or(0), 0) << group.group;
    EXPECT_GT(group.activation_ns.value_or(0), 0) << group.group;
  }
  EXPECT_GT(opened.load_ns.value_or(0), 0);
}

TEST_F(CpuRunnerTest, WhatCannotBeRunIsRefusedInOneLine) {
  CpuRunner runner;
  const auto open_error = [&](const OpenRequest& request) {
    const auto opened = runner.open(request, progress_);
    return opened ? std::string("opened") : opened.error().message;
  };
  EXPECT_THAT(open_error({.artifacts = {folder_->path() / "none"}}), HasSubstr("none"));
  EXPECT_THAT(open_error({.artifacts = {build_segment({4, 5}), build_segment({0, 4})}}),
              HasSubstr("found layers[0,4) after layers[4,5)"));
  EXPECT_THAT(open_error({.artifacts = {build_segment({4, 5})}, .options = with_isa("mmx")}),
              HasSubstr("options.cpu.isa: found 'mmx', want one of ref"));
  EXPECT_THAT(open_error({}), HasSubstr("found no shard"));

  const Opened opened = open({.manifest = manifest("32", 4, KvForm::kSlice)});
  const auto decode_error = [&](const DecodeRequest& request) {
    const auto decoded = opened.session->decode(request);
    return decoded ? std::string("decoded") : decoded.error().message;
  };
  EXPECT_EQ(decode_error({.prompt = {}}), "found no ids, want at least one");
  EXPECT_THAT(decode_error({.prompt = {4096}}), HasSubstr("found the id 4096, want 0 to 4095"));
  EXPECT_THAT(decode_error({.prompt = {-1}}), HasSubstr("found the id -1"));
  EXPECT_THAT(decode_error({.prompt = {1}, .decode_tokens = -1}), HasSubstr("found -1"));
  // The last call writes its padding too.
  EXPECT_EQ(decode_error({.prompt = {1}, .decode_tokens = kContext - 1}),
            "found 131 positions, want at most 128 of the cache");
  EXPECT_EQ(decode_error({.prompt = {1}, .decode_tokens = kContext - 4}), "decoded");
}

// An artifact around a program that anybody may have written: it has the inputs that a layer shard
// takes, or a head, and gives back what it gets.
class ForeignArtifact {
 public:
  ForeignArtifact(ShardKind kind, Contract contract) : contract_(std::move(contract)) {
    identity_ = {.model_hash = std::string(32, '0'),
                 .contract_hash = hash_of(contract_),
                 .kind = kind,
                 .builder_version = 1,
                 .tokens = 1,
                 .context = 1};
    folder_ = room_.path() / hash_of(identity_);
  }

  std::filesystem::path write(std::uint64_t tokens, std::uint64_t context) {
    const auto fp16 = [](std::vector<std::uint64_t> shape) {
      return TensorType{DataType::kFp16, std::move(shape)};
    };
    const auto width = static_cast<std::uint64_t>(contract_.d_model);
    const bool is_head = std::holds_alternative<HeadSlice>(identity_.kind);
    ProgramBuilder b{std::string(kOpset)};
    const std::string x = b.input(is_head ? "hidden" : "x", fp16({1, width, tokens, 1}));
    if (!is_head) {
      const auto pairs = static_cast<std::uint64_t>(contract_.rope_dim) / 2;
      b.input("rope_cos", fp16({tokens, pairs}));
      b.input("rope_sin", fp16({tokens, pairs}));
      b.input("attn_mask", fp16({1, 1, tokens, context}));
      b.input("kv_write_mask", fp16({1, 1, context, tokens}));
      b.state("keys", fp16({1, 1, context, 1}));
      b.state("values", fp16({1, 1, context, 1}));
    }
    const std::string out = b.add("identity", is_head ? "logits" : "hidden", {{"x", x}});
    std::filesystem::create_directories(folder_);
    EXPECT_TRUE(make_weight_folder(folder_ / "it.mlpackage"));
    EXPECT_TRUE(
        write_package(folder_ / "it.mlpackage",
                      {.description = {}, .notes = {}, .program = std::move(b).finish({out})}));
    EXPECT_TRUE(write_artifact({.folder = folder_,
                                .identity = identity_,
                                .contract = contract_,
                                .model = "it",
                                .name = "it.mlpackage"},
                               folder_));
    return folder_;
  }

 private:
  TemporaryFolder room_;
  Contract contract_;
  ShardIdentity identity_;
  std::filesystem::path folder_;
};

Contract narrow_contract() {
  Contract contract = *known_model("nano");
  contract.d_model = 1;
  contract.vocab_size = 1;
  return contract;
}

TEST_F(CpuRunnerTest, PackagesThatDoNotFitTheCallsAreRefused) {
  CpuRunner runner;
  ForeignArtifact artifact(Segment{0, 1}, narrow_contract());
  ForeignArtifact next(Segment{1, 2}, narrow_contract());
  const auto open_error = [&](const std::vector<std::filesystem::path>& artifacts) {
    const auto opened = runner.open({.artifacts = artifacts}, progress_);
    return opened ? std::string("opened") : opened.error().message;
  };
  EXPECT_EQ(open_error({artifact.write(4, 4)}), "opened");
  EXPECT_THAT(open_error({artifact.write(4, 2)}),
              HasSubstr("attn_mask: found fp16[1,1,4,2], want"));
  EXPECT_THAT(open_error({artifact.write(1, 3 << 20)}), HasSubstr("S from 1 to 2796202"));
  EXPECT_THAT(open_error({artifact.write(4, 8), next.write(2, 8)}),
              HasSubstr("found 2 tokens a call and 8 positions, want 4 and 8"));
  EXPECT_THAT(open_error({artifact.write(4, 8), next.write(4, 16)}),
              HasSubstr("found 4 tokens a call and 16 positions, want 4 and 8"));
}

// Tables for all its positions and all its pairs would be 16 GiB.
TEST_F(CpuRunnerTest, AHeadAloneHasNoTables) {
  Contract contract = narrow_contract();
  contract.n_heads = contract.n_kv_heads = 1;
  contract.d_head = contract.rope_dim = 1 << 17;
  ForeignArtifact head(HeadSlice{0, 1, 1}, contract);
  const Opened opened = open({.artifacts = {head.write(1 << 16, 0)}});
  const std::filesystem::path hidden = folder_->path() / "narrow.npy";
  const std::vector<float> values = {1, 2, 3};
  ASSERT_TRUE(write_npy(hidden, {3, 1}, values));
  const auto outputs = opened.session->run({.hidden = hidden, .folder = folder_->path()});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(read_npy(outputs->front().file)->values, values);
  EXPECT_TRUE(opened.session->time({.group = "head", .calls = 1}));
}

TEST_F(CpuRunnerTest, FilesOfAManifestThatAreTooShortOrMissingAreNamed) {
  std::ifstream file(manifest("32"));
  const Json whole = *parse_json(std::string(std::istreambuf_iterator<char>(file), {}), "manifest");
  const std::filesystem::path path = folder_->path() / "changed.json";
  std::ofstream(folder_->path() / "short.bin") << "short";
  const auto open_error = [&](const char* field, const char* name) {
    Json changed = whole;
    changed[field] = name;
    std::ofstream(path) << changed.dump();
    CpuRunner runner;
    const auto opened = runner.open({.manifest = path}, progress_);
    return opened ? std::string("opened") : opened.error().message;
  };
  EXPECT_THAT(open_error("embed_bin", "short.bin"), HasSubstr("short.bin: found 5 bytes, want "));
  EXPECT_THAT(open_error("embed_bin", "none.bin"), HasSubstr("none.bin"));
}

TEST_F(CpuRunnerTest, BuildsWhatWasAskedForOnceAndRefusesAnotherModel) {
  CpuRunner runner;
  BuildRequest request{
      .identity = shard_of(*model_, {.kind = Segment{7, 8}, .tokens = 1, .context = kContext}),
      .model = folder_->path() / "nano.gguf",
      .artifacts = folder_->path() / "built"};
  const auto built = runner.build(request, progress_);
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->artifact, request.artifacts / hash_of(request.identity));
  EXPECT_TRUE(built->build_ns);
  EXPECT_FALSE(runner.build(request, progress_)->build_ns);  // it was there
  request.identity.model_hash = std::string(32, '0');
  EXPECT_FALSE(runner.build(request, progress_));
}

TEST(CpuRunnerDescription, SaysWhatIsEmulatedAndWhatItCanDo) {
  CpuRunner runner;
  const RunnerDescription description = *runner.describe({.residency_limit_bytes = 32 << 20});
  EXPECT_EQ(description.name, "cpu");
  EXPECT_EQ(description.evidence, Evidence::kMeasured);
  EXPECT_THAT(description.emulated, ElementsAre("residency_limit_bytes"));
  EXPECT_EQ(description.graph_limit_bytes, 32U << 20);
  EXPECT_NE(runner.describe({.own = {{"cpu", {{"isa", "ref"}}}}})->toolchain,
            description.toolchain);
}

}  // namespace
}  // namespace fusesweep

// Speculative decoding by the cpu runner, on the nano model: its ids are those of greedy decoding, to the
// last one, because calls of any number of tokens give the same bits.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

#include "harness/base/clock.h"
#include "harness/base/fp16.h"
#include "runners/cpu/cpu_runner.h"
#include "runners/cpu/executable.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/manifest_export.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/synthetic_model.h"
#include "runners/stack/host_inputs.h"
#include "runners/stack/shard_executor.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int kContext = 128;

std::vector<int> repetitive(int period, int length) {
  std::vector<int> ids;
  for (int i = 0; i < length; ++i) ids.push_back(100 + i % period);
  return ids;
}

std::vector<int> random_ids(unsigned seed, int length) {
  std::mt19937 random(seed);
  std::vector<int> ids;
  for (int i = 0; i < length; ++i) ids.push_back(static_cast<int>(random() % 4096));
  return ids;
}

class SpeculativeSessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const std::filesystem::path path = folder_->path() / "nano.gguf";
    ASSERT_TRUE(write_synthetic_model(
        {.name = "nano", .contract = *known_model("nano"), .type = SyntheticType::kQ8_0, .seed = 3},
        path, progress_));
    model_ = new ModelFile(*open_model_file(path, 2));
  }
  static void TearDownTestSuite() {
    delete model_;
    delete folder_;
  }

  static void build(const Split& split, int tokens, KvForm kv_form) {
    std::vector<ShardKind> kinds = {EmbeddingTable{}};
    for (const Segment& segment : split.segments()) kinds.emplace_back(segment);
    kinds.emplace_back(head_slices(model_->contract, 1)->front());
    for (const ShardKind& kind : kinds) {
      const ShardIdentity shard = shard_of(
          *model_, {.kind = kind, .tokens = tokens, .context = kContext, .kv_form = kv_form});
      EXPECT_TRUE(
          build_shard(*model_, shard, folder_->path() / "artifacts", {.threads = 2}, progress_));
    }
  }

  // With a verifier of so many tokens beside shards of one; or without, and shards of so many.
  enum class Beside { kYes, kNo };
  static std::filesystem::path manifest(const std::string& split, int tokens,
                                        KvForm kv_form = KvForm::kMask,
                                        Beside beside = Beside::kYes) {
    ManifestRequest request{.split = *parse_split(split), .context = kContext, .kv_form = kv_form};
    build(request.split, tokens, kv_form);
    if (beside == Beside::kYes) {
      build(request.split, 1, kv_form);
      request.verifier_tokens = tokens;
    } else {
      request.tokens = tokens;
    }
    const auto found =
        find_manifest(list_artifacts(folder_->path() / "artifacts"), request, folder_->path(), 2);
    EXPECT_TRUE(found) << found.error().message;
    const std::filesystem::path path =
        folder_->path() /
        fmt::format("{}_{}_{}_{}.json", split, tokens, to_text(kv_form), static_cast<int>(beside));
    std::ofstream(path) << to_json(*found).dump();
    return path;
  }

  static std::unique_ptr<Session> open(const std::filesystem::path& path) {
    CpuRunner runner;
    Result<Opened> opened = runner.open({.manifest = path, .options = {.threads = 2}}, progress_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened->session);
  }

  static DecodeResult decode(Session& session, const DecodeRequest& request) {
    Result<DecodeResult> result = session.decode(request);
    EXPECT_TRUE(result) << result.error().message;
    return *std::move(result);
  }

  static std::vector<int> greedy(Session& session, const std::vector<int>& prompt, int tokens) {
    return decode(session, {.prompt = prompt, .decode_tokens = tokens}).ids;
  }

  // What every result must keep to, whatever was drafted.
  static void expect_whole(const DecodeResult& result, int tokens) {
    EXPECT_EQ(result.passes.size(), result.token_ns.size());
    EXPECT_EQ(result.groups.back(), "draft");
    EXPECT_EQ(count_passes(result.passes).targets, static_cast<std::size_t>(tokens));
    EXPECT_THAT(result.ids, SizeIs(static_cast<std::size_t>(tokens) + 1));
  }

  static const SystemClock clock_;
  static Progress progress_;
  static TemporaryFolder* folder_;
  static ModelFile* model_;
};

const SystemClock SpeculativeSessionTest::clock_;
Progress SpeculativeSessionTest::progress_({}, SpeculativeSessionTest::clock_);
TemporaryFolder* SpeculativeSessionTest::folder_ = nullptr;
ModelFile* SpeculativeSessionTest::model_ = nullptr;

TEST_F(SpeculativeSessionTest, IdsAreThoseOfGreedyDecodingForEveryTSplitAndCacheForm) {
  const std::vector<std::vector<int>> prompts = {repetitive(5, 20), random_ids(1, 11)};
  constexpr int kTokens = 32;
  const struct {
    const char* split;
    std::vector<int> tokens;
  } kRows[] = {{"16+8+6+2", {2, 4, 8, 16}}, {"32", {4}}, {"20+4+6+2", {8}}};
  for (const auto& [split, every_tokens] : kRows) {
    for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
      for (const int tokens : every_tokens) {
        SCOPED_TRACE(fmt::format("{} {} T={}", split, to_text(kv_form), tokens));
        const auto session = open(manifest(split, tokens, kv_form));
        for (const std::vector<int>& prompt : prompts) {
          const std::vector<int> wanted = greedy(*session, prompt, kTokens);
          // Looked up, all of it right, all of it wrong, and every third of it wrong.
          std::vector<int> wrong = wanted;
          std::vector<int> partly = wanted;
          for (int& id : wrong) id = (id + 1) % 4096;
          for (std::size_t i = 0; i < partly.size(); i += 3) partly[i] = (partly[i] + 1) % 4096;
          const Speculation drafts[] = {
              {.ngrams = {1, 4}}, {.recorded = wanted}, {.recorded = wrong}, {.recorded = partly}};
          for (const Speculation& speculation : drafts) {
            const DecodeResult result = decode(
                *session, {.prompt = prompt, .decode_tokens = kTokens, .speculation = speculation});
            EXPECT_EQ(result.ids, wanted);
            expect_whole(result, kTokens);
          }
        }
      }
    }
  }
}

TEST_F(SpeculativeSessionTest, WhatIsAcceptedIsWhatARecordedDraftHasRight) {
  const auto session = open(manifest("16+8+6+2", 4));
  const std::vector<int> prompt = random_ids(2, 9);
  const std::vector<int> wanted = greedy(*session, prompt, 12);
  DecodeRequest request{.prompt = prompt, .decode_tokens = 12};
  request.speculation = Speculation{.recorded = wanted};
  PassCounts counts = count_passes(decode(*session, request).passes);
  EXPECT_EQ(counts, (PassCounts{.passes = 3, .targets = 12, .proposed = 9, .accepted = 9}));

  request.speculation->recorded = std::vector<int>(wanted.begin(), wanted.begin() + 3);
  const DecodeResult cut = decode(*session, request);
  EXPECT_EQ(cut.passes.front().proposed, 2);
  EXPECT_EQ(count_passes(cut.passes).passes, 10U);  // the other nine alone

  request.speculation->recorded = std::vector<int>(wanted.size(), (wanted[1] + 1) % 4096);
  counts = count_passes(decode(*session, request).passes);
  EXPECT_GE(counts.proposed, counts.accepted + 8);
}

TEST_F(SpeculativeSessionTest, PassesAreThoseThatTheSimulationForetells) {
  const auto session = open(manifest("16+8+6+2", 4));
  const std::vector<int> prompt = repetitive(7, 30);
  const Speculation speculation{.ngrams = {1, 3}};
  const DecodeResult result =
      decode(*session, {.prompt = prompt, .decode_tokens = 40, .speculation = speculation});
  EXPECT_EQ(result.passes, simulate_passes(prompt, result.ids, 4, speculation.ngrams));
}

TEST_F(SpeculativeSessionTest, ShardsOfTTokensAloneGiveTheSameIdsByPadding) {
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    SCOPED_TRACE(to_text(kv_form));
    const auto session = open(manifest("16+8+6+2", 4, kv_form, Beside::kNo));
    const std::vector<int> prompt = repetitive(5, 21);
    const DecodeResult result =
        decode(*session, {.prompt = prompt, .decode_tokens = 24, .speculation = Speculation{}});
    EXPECT_EQ(result.ids, greedy(*open(manifest("16+8+6+2", 4, kv_form)), prompt, 24));
    expect_whole(result, 24);
  }
}

TEST_F(SpeculativeSessionTest, WhereTMorePositionsDoNotFitTokensGoOneByOne) {
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    SCOPED_TRACE(to_text(kv_form));
    const auto session = open(manifest("16+8+6+2", 8, kv_form));
    const std::vector<int> prompt = random_ids(4, kContext - 20);
    constexpr int kTokens = 20;  // the last one at the last position
    const std::vector<int> wanted = greedy(*session, prompt, kTokens);
    const DecodeResult result = decode(*session, {.prompt = prompt,
                                                  .decode_tokens = kTokens,
                                                  .speculation = Speculation{.recorded = wanted}});
    EXPECT_EQ(result.ids, wanted);
    // 108 and 116 have room for 8; 124 has not.
    std::vector<bool> fallbacks;
    for (const SpeculativePass& pass : result.passes) fallbacks.push_back(pass.is_fallback);
    EXPECT_THAT(fallbacks, testing::ElementsAre(false, false, true, true, true, true));
    EXPECT_THAT(
        session
            ->decode({.prompt = prompt, .decode_tokens = kTokens + 1, .speculation = Speculation{}})
            .error()
            .message,
        HasSubstr("found 129 positions, want at most 128 of the cache"));
  }
}

TEST_F(SpeculativeSessionTest, PromptsOfAnyLengthAreReadInChunksToTheSameFirstIds) {
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    const auto one = open(manifest("16+8+6+2", 1, kv_form, Beside::kNo));
    const auto session = open(manifest("16+8+6+2", 4, kv_form));
    for (const int length : {1, 2, 3, 4, 5, 8, 9, kContext - 2, kContext - 1}) {
      SCOPED_TRACE(fmt::format("{} {}", to_text(kv_form), length));
      const std::vector<int> prompt = random_ids(6, length);
      EXPECT_EQ(greedy(*session, prompt, 1), greedy(*one, prompt, 1));
    }
  }
}

TEST_F(SpeculativeSessionTest, ADecodingThatGoesOnLooksUpWhatWasGeneratedBefore) {
  const auto session = open(manifest("16+8+6+2", 4));
  const std::vector<int> prompt = repetitive(5, 20);
  const std::vector<int> wanted = greedy(*session, prompt, 30);
  std::vector<int> ids = greedy(*session, prompt, 10);  // greedily at first
  for (int i = 0; i < 2; ++i) {
    const DecodeResult more =
        decode(*session, {.prompt = {}, .decode_tokens = 10, .speculation = Speculation{}});
    EXPECT_EQ(count_passes(more.passes).targets, 10U);
    ids.insert(ids.end(), more.ids.begin(), more.ids.end());
  }
  EXPECT_EQ(ids, wanted);
}

TEST_F(SpeculativeSessionTest, AGuardDecidesByCallsOfOneTokenAndCountsThem) {
  const auto session = open(manifest("16+8+6+2", 4));
  const std::vector<int> prompt = random_ids(8, 10);
  const std::vector<int> wanted = greedy(*session, prompt, 16);
  const auto calls = [&](double guard) {
    const DecodeResult result =
        decode(*session, {.prompt = prompt,
                          .decode_tokens = 16,
                          .speculation = Speculation{.recorded = wanted, .guard = guard}});
    EXPECT_EQ(result.ids, wanted);
    return std::accumulate(
        result.passes.begin(), result.passes.end(), 0,
        [](int sum, const SpeculativePass& pass) { return sum + pass.guard_calls; });
  };
  EXPECT_EQ(calls(0), 0);
  EXPECT_EQ(calls(1e6), 16);  // every position of every pass
}

TEST_F(SpeculativeSessionTest, StopsAtTheEndOfTextInTheMiddleOfAPass) {
  const std::filesystem::path path = manifest("16+8+6+2", 8);
  const std::vector<int> prompt = random_ids(3, 7);
  const std::vector<int> wanted = greedy(*open(path), prompt, 8);
  std::ifstream file(path);
  Json edited = *parse_json(std::string(std::istreambuf_iterator<char>(file), {}), "manifest");
  edited["eos_token_id"] = wanted[3];
  edited["fusesweep"]["contract"]["eos_token_id"] = wanted[3];
  const std::filesystem::path with_eos = folder_->path() / "eos.json";
  std::ofstream(with_eos) << edited.dump();
  CpuRunner runner;
  const Result<Opened> opened =
      runner.open({.manifest = with_eos, .options = {.stop_at_eos = true}}, progress_);
  ASSERT_TRUE(opened);
  const DecodeResult result = decode(
      *opened->session,
      {.prompt = prompt, .decode_tokens = 8, .speculation = Speculation{.recorded = wanted}});
  EXPECT_EQ(result.ids, std::vector<int>(wanted.begin(), wanted.begin() + 4));
  EXPECT_EQ(count_passes(result.passes).targets, 3U);
}

TEST_F(SpeculativeSessionTest, WhatCannotBeSpeculatedIsRefusedInOneLine) {
  const auto one = open(manifest("16+8+6+2", 1, KvForm::kMask, Beside::kNo));
  const auto alone = open(manifest("16+8+6+2", 4, KvForm::kMask, Beside::kNo));
  const struct {
    const char* name;
    Session* session;
    Speculation speculation;
    const char* want;
  } kRows[] = {
      {"one token a call", one.get(), {}, "found shards of 1 tokens a call"},
      {"guard without T=1", alone.get(), {.guard = 1}, "found a guard"},
      {"n-grams of nothing", alone.get(), {.ngrams = {0, 2}}, "found n-grams of 0 to 2"},
      {"n-grams upside down", alone.get(), {.ngrams = {3, 2}}, "found n-grams of 3 to 2"},
      {"a recorded id", alone.get(), {.recorded = std::vector{4096}}, "found the id 4096"},
  };
  for (const auto& [name, session, speculation, want] : kRows) {
    SCOPED_TRACE(name);
    const auto result =
        session->decode({.prompt = {1}, .decode_tokens = 4, .speculation = speculation});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, AllOf(HasSubstr("speculation: "), HasSubstr(want)));
  }
}

TEST_F(SpeculativeSessionTest, AVerifierOfOtherSegmentsIsRefused) {
  const auto of = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return *parse_json(std::string(std::istreambuf_iterator<char>(file), {}), "manifest");
  };
  Json edited = of(manifest("16+8+6+2", 4));
  const Json other = of(manifest("20+4+6+2", 4));
  edited["speculative_verifier"] = other["speculative_verifier"];
  edited["fusesweep"]["verifier_shards"] = other["fusesweep"]["verifier_shards"];
  const std::filesystem::path path = folder_->path() / "mixed.json";
  std::ofstream(path) << edited.dump();
  CpuRunner runner;
  EXPECT_THAT(runner.open({.manifest = path}, progress_).error().message,
              HasSubstr("found a verifier's shard of [0,20), want the segments of the others"));
}

// An Executable whose caches others may share.
class SharingExecutor final : public ShardExecutor {
 public:
  explicit SharingExecutor(Executable executable) : executable_(std::move(executable)) {}

  std::span<std::byte> port(std::string_view name) override {
    return name == "hidden" ? executable_.output(name) : executable_.input(name);
  }
  Result<void> run() override { return executable_.run(); }
  Result<void> reset() override { return {}; }
  void add_run(PlacementSum& sum) const override { executable_.add_run(sum); }
  const Executable& executable() const { return executable_; }

 private:
  Executable executable_;
};

// The invariants that make a rollback unnecessary, on the bits of one shard: a call of T writes T rows of
// the caches; those of rejected positions lie after every position that a later call may see, until that
// call has written them itself.
TEST(RejectedPositions, NeverChangeABitOfWhatComesAfter) {
  const TemporaryFolder folder;
  write_small_model(folder.path() / "small.gguf");
  const ModelFile model = *open_model_file(folder.path() / "small.gguf", 1);
  const SystemClock clock;
  Progress progress({}, clock);
  ThreadPool pool(1);
  constexpr int kPositions = 16;
  constexpr int kTokens = 4;
  const auto d_model = static_cast<std::size_t>(model.contract.d_model);
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    const auto loaded = [&](int tokens, const Executable* states_of) {
      const ShardIdentity shard = shard_of(
          model,
          {.kind = Segment{0, 3}, .tokens = tokens, .context = kPositions, .kv_form = kv_form});
      const Artifact artifact =
          *build_shard(model, shard, folder.path() / "artifacts", {.threads = 1}, progress);
      return SharingExecutor(*Executable::load(*Package::open(artifact.path()),
                                               {.kernels = &ref_kernels()}, pool, states_of));
    };
    SharingExecutor clean = loaded(1, nullptr);
    SharingExecutor one = loaded(1, nullptr);
    SharingExecutor many = loaded(kTokens, &one.executable());
    HostInputs one_host(model.contract, 1, kPositions);
    HostInputs many_host(model.contract, kTokens, kPositions);
    // One value for all channels of a token: its number.
    const auto run = [&](SharingExecutor& shard, HostInputs& host, int position, int first_token) {
      const auto tokens = static_cast<std::size_t>(host.tokens());
      auto* x = reinterpret_cast<std::uint16_t*>(shard.port("x").data());
      for (std::size_t i = 0; i < d_model * tokens; ++i) {
        const auto token = static_cast<float>(static_cast<std::size_t>(first_token) + i % tokens);
        x[i] = float_to_fp16(token * 0.01F * static_cast<float>(1 + i / tokens % 7));
      }
      host.prepare({.position = position, .count = host.tokens()});
      host.feed(shard, kv_form);
      ASSERT_TRUE(shard.run());
    };
    const auto output = [](SharingExecutor& shard) {
      const auto bytes = shard.port("hidden");
      return std::vector<std::byte>(bytes.begin(), bytes.end());
    };
    for (int position = 0; position + kTokens <= kPositions; ++position) {
      SCOPED_TRACE(fmt::format("{} at {}", to_text(kv_form), position));
      run(many, many_host, position, 900 + position);  // all of it will be rejected
      run(one, one_host, position, position);
      run(clean, one_host, position, position);
      EXPECT_EQ(output(one), output(clean));
    }
  }
}

}  // namespace
}  // namespace fusesweep

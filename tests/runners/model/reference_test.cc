#include "runners/model/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "harness/base/fp16.h"
#include "runners/model/dequantize.h"
#include "runners/model/synthetic_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Each;
using testing::Le;

// Small enough to be worked out in double below; heads share keys and values, and rotate in part.
Contract tiny_contract() {
  Contract contract = *known_model("nano");
  contract.n_layers = 2;
  contract.d_model = 32;
  contract.n_heads = 4;
  contract.n_kv_heads = 2;
  contract.d_head = 16;
  contract.rope_dim = 12;
  contract.d_ff = 64;
  contract.vocab_size = 50;
  contract.rope_scaling = {.original_max_seq_len = 64,
                           .attention_factor = 1.25F,
                           .short_factors = {1, 1.5F, 2, 2.5F, 3, 3.5F},
                           .long_factors = {2, 4, 6, 8, 10, 12}};
  return contract;
}

using Rows = std::vector<std::vector<double>>;

// The same pass once more, in double, for all positions at once and without a cache: a loop for
// every sum, straight from the definition of the model.
class InDouble {
 public:
  InDouble(const GgufFile& file, Contract contract, const ReferenceOptions& options)
      : file_(file), c_(std::move(contract)), options_(options) {}

  Rows logits(const std::vector<int>& ids) const {
    Rows x;
    const Rows embedding = halves("token_embd.weight");
    for (const int id : ids) x.push_back(embedding[index(id)]);
    for (int layer = 0; layer < c_.n_layers; ++layer) {
      const std::string blk = "blk." + std::to_string(layer) + ".";
      const Rows qkv = product(norm(x, blk + "attn_norm.weight"), blk + "attn_qkv.weight");
      add(x, product(attention(qkv), blk + "attn_output.weight"));
      Rows inner = product(norm(x, blk + "ffn_norm.weight"), blk + "ffn_up.weight");
      for (std::vector<double>& row : inner) {
        const std::size_t half = row.size() / 2;
        for (std::size_t i = 0; i < half; ++i)
          row[i] = row[i] / (1 + std::exp(-row[i])) * row[i + half];
        row.resize(half);
      }
      add(x, product(inner, blk + "ffn_down.weight"));
    }
    const std::size_t slice =
        index((c_.vocab_size + options_.head_shards - 1) / options_.head_shards);
    return product(norm(x, "output_norm.weight"),
                   c_.tied_embeddings ? "token_embd.weight" : "output.weight", slice);
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  Rows matrix(const std::string& name) const {
    const GgufTensor& tensor = *file_.find_tensor(name);
    const std::size_t columns = tensor.shape[0];
    std::vector<float> values(tensor.bytes.size() / 4);
    dequantize(*tensor.type, tensor.bytes, values);
    Rows rows;
    for (std::size_t i = 0; i < values.size(); i += columns) {
      rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                        values.begin() + static_cast<std::ptrdiff_t>(i + columns));
    }
    return rows;
  }

  static double half(double x) { return fp16_to_float(float_to_fp16(static_cast<float>(x))); }

  // What is not a convolution's weight is rounded to fp16 unless the weights are the original ones.
  Rows halves(const std::string& name) const {
    Rows rows = matrix(name);
    if (options_.weights == ReferenceWeights::kOriginal) return rows;
    for (std::vector<double>& row : rows) {
      for (double& w : row) w = half(w);
    }
    return rows;
  }

  // A convolution's weights; so many rows have a scale together where they are rounded per tensor.
  Rows weights(const std::string& name, std::size_t slice) const {
    if (options_.weights == ReferenceWeights::kOriginal ||
        options_.weights == ReferenceWeights::kFp16) {
      return halves(name);
    }
    Rows rows = matrix(name);
    if (options_.weights == ReferenceWeights::kInt8PerChannel) slice = 1;
    for (std::size_t begin = 0; begin < rows.size(); begin += slice) {
      const std::size_t end = std::min(begin + slice, rows.size());
      double largest = 0;
      for (std::size_t r = begin; r < end; ++r) {
        for (const double w : rows[r]) largest = std::max(largest, std::abs(w));
      }
      const double scale = half(largest / 127);
      for (std::size_t r = begin; r < end; ++r) {
        for (double& w : rows[r]) {
          // No quotient here is a tie, so rounding to nearest says it all.
          w = half(std::max(-127.0, std::min(127.0, std::floor(w / scale + 0.5))) * scale);
        }
      }
    }
    return rows;
  }

  Rows product(const Rows& x, const std::string& name, std::size_t slice = SIZE_MAX / 2) const {
    const Rows w = weights(name, slice);
    Rows y;
    for (const std::vector<double>& row : x) {
      y.emplace_back();
      for (const std::vector<double>& out : w) {
        y.back().push_back(std::inner_product(row.begin(), row.end(), out.begin(), 0.0));
      }
    }
    return y;
  }

  Rows norm(Rows x, const std::string& name) const {
    const std::vector<double> weight = halves(name)[0];
    for (std::vector<double>& row : x) {
      const double square = std::inner_product(row.begin(), row.end(), row.begin(), 0.0) /
                            static_cast<double>(row.size());
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] *= weight[i] / std::sqrt(square + c_.rms_norm_eps);
    }
    return x;
  }

  static void add(Rows& to, const Rows& what) {
    for (std::size_t t = 0; t < to.size(); ++t) {
      for (std::size_t i = 0; i < to[t].size(); ++i) to[t][i] += what[t][i];
    }
  }

  // The head that begins at element `begin` of a position's row, rotated.
  std::vector<double> rotated(const std::vector<double>& row, int begin,
                              std::size_t position) const {
    std::vector<double> head(row.begin() + begin, row.begin() + begin + c_.d_head);
    std::vector<double> turned = head;
    const int pairs = c_.rope_dim / 2;
    const std::vector<float>& factors = options_.context > c_.rope_scaling->original_max_seq_len
                                            ? c_.rope_scaling->long_factors
                                            : c_.rope_scaling->short_factors;
    for (int i = 0; i < pairs; ++i) {
      const double angle = static_cast<double>(position) *
                           std::pow(c_.rope_freq_base, -2.0 * i / c_.rope_dim) / factors[index(i)];
      const double cosine = std::cos(angle) * c_.rope_scaling->attention_factor;
      const double sine = std::sin(angle) * c_.rope_scaling->attention_factor;
      turned[index(i)] = head[index(i)] * cosine - head[index(i + pairs)] * sine;
      turned[index(i + pairs)] = head[index(i)] * sine + head[index(i + pairs)] * cosine;
    }
    return turned;
  }

  Rows attention(const Rows& qkv) const {
    const int group = c_.n_heads / c_.n_kv_heads;
    Rows out;
    for (std::size_t t = 0; t < qkv.size(); ++t) {
      out.emplace_back();
      for (int h = 0; h < c_.n_heads; ++h) {
        const int key_begin = (c_.n_heads + h / group) * c_.d_head;
        const int value_begin = key_begin + c_.n_kv_heads * c_.d_head;
        const std::vector<double> query = rotated(qkv[t], h * c_.d_head, t);
        std::vector<double> weights;
        for (std::size_t s = 0; s <= t; ++s) {
          const std::vector<double> key = rotated(qkv[s], key_begin, s);
          weights.push_back(
              std::exp(std::inner_product(query.begin(), query.end(), key.begin(), 0.0) /
                       std::sqrt(c_.d_head)));
        }
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (int d = 0; d < c_.d_head; ++d) {
          double value = 0;
          for (std::size_t s = 0; s <= t; ++s)
            value += weights[s] / sum * qkv[s][index(value_begin + d)];
          out.back().push_back(value);
        }
      }
    }
    return out;
  }

  const GgufFile& file_;
  const Contract c_;
  const ReferenceOptions options_;
};

class ReferenceTest : public testing::Test {
 protected:
  std::string written(const Contract& contract, SyntheticType type = SyntheticType::kF32) {
    Progress nobody_watches({}, clock_);
    std::string path = folder_.path() / std::to_string(++files_);
    const Result<void> done =
        write_synthetic_model({"tiny", contract, type, 3}, path, nobody_watches);
    EXPECT_TRUE(done) << done.error().message;
    return path;
  }

  const SystemClock clock_{};
  const TemporaryFolder folder_;
  int files_ = 0;
};

double relative_rms(const std::vector<float>& found, const std::vector<double>& wanted) {
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
    size += wanted[i] * wanted[i];
  }
  return std::sqrt(error / size);
}

std::vector<double> flat(const Rows& rows) {
  std::vector<double> all;
  for (const std::vector<double>& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

const std::vector<int> kIds = {7, 3, 49, 0, 3, 21, 3, 11, 40};

TEST_F(ReferenceTest, AgreesWithThePassInDoubleForEveryKindOfWeights) {
  Contract untied = tiny_contract();
  untied.tied_embeddings = false;
  for (const Contract& contract : {tiny_contract(), untied}) {
    const GgufFile file = *GgufFile::open(written(contract));
    for (const ReferenceWeights weights :
         {ReferenceWeights::kOriginal, ReferenceWeights::kInt8PerTensor,
          ReferenceWeights::kInt8PerChannel, ReferenceWeights::kFp16}) {
      for (const int context : {64, 65}) {  // short factors, long factors
        for (const int head_shards : {1, 3}) {
          const ReferenceOptions options{weights, context, head_shards, 2};
          const ReferenceOutput output = Reference::open(file, options)->run(kIds).value();
          EXPECT_LT(
              relative_rms(output.logits, flat(InDouble(file, contract, options).logits(kIds))),
              2e-6)
              << "weights " << static_cast<int>(weights) << ", context " << context << ", head "
              << head_shards;
        }
      }
    }
  }
}

TEST_F(ReferenceTest, AModelThatEchoesSaysTheLastIdAgain) {
  Contract contract = tiny_contract();
  contract.d_model = 128;
  contract.n_heads = 2;
  contract.n_kv_heads = 1;
  contract.d_head = 64;
  Progress nobody_watches({}, clock_);
  const std::string path = folder_.path() / "echo";
  SyntheticModel model{.name = "echo", .contract = contract, .seed = 3};
  for (const bool echoes : {false, true}) {
    model.echoes = echoes;
    ASSERT_TRUE(write_synthetic_model(model, path, nobody_watches));
    const GgufFile file = *GgufFile::open(path);
    const ReferenceOutput output = Reference::open(file, ReferenceOptions{})->run(kIds).value();
    const auto vocab = static_cast<std::size_t>(contract.vocab_size);
    std::size_t echoed = 0;
    for (std::size_t i = 0; i < kIds.size(); ++i) {
      const auto row = std::span(output.logits).subspan(i * vocab, vocab);
      echoed += std::max_element(row.begin(), row.end()) - row.begin() == kIds[i] ? 1U : 0U;
    }
    if (echoes) {
      EXPECT_EQ(echoed, kIds.size());
    } else {
      EXPECT_LT(echoed, kIds.size());
    }
  }
}

TEST_F(ReferenceTest, EveryKindOfWeightsGivesItsOwnLogits) {
  const GgufFile file = *GgufFile::open(written(tiny_contract()));
  std::set<std::vector<float>> distinct;
  for (const ReferenceOptions& options :
       {ReferenceOptions{}, ReferenceOptions{.weights = ReferenceWeights::kFp16},
        ReferenceOptions{.weights = ReferenceWeights::kInt8PerChannel},
        ReferenceOptions{.weights = ReferenceWeights::kInt8PerTensor},
        ReferenceOptions{.weights = ReferenceWeights::kInt8PerTensor, .head_shards = 3}}) {
    distinct.insert(Reference::open(file, options)->run(kIds).value().logits);
  }
  EXPECT_EQ(distinct.size(), 5U);
}

TEST_F(ReferenceTest, LongAndShortFactorsDiffer) {
  const GgufFile file = *GgufFile::open(written(tiny_contract()));
  const auto logits = [&](int context) {
    return Reference::open(file, {.context = context})->run(kIds).value().logits;
  };
  EXPECT_EQ(logits(10), logits(64));
  EXPECT_NE(logits(64), logits(65));
}

TEST_F(ReferenceTest, BitsDependNeitherOnThreadsNorOnHowThePromptIsCut) {
  const GgufFile file = *GgufFile::open(written(tiny_contract(), SyntheticType::kF16));
  const ReferenceOutput whole = Reference::open(file, {.threads = 1})->run(kIds).value();
  EXPECT_EQ(Reference::open(file, {.threads = 3})->run(kIds).value().logits, whole.logits);

  Reference stepwise = *Reference::open(file, {.threads = 2});
  std::vector<float> logits;
  std::vector<float> last_boundary;
  for (std::size_t at = 0; at < kIds.size();) {
    const std::size_t count = std::min<std::size_t>(1 + at % 3, kIds.size() - at);
    const ReferenceOutput part = stepwise.run(std::span(kIds).subspan(at, count)).value();
    logits.insert(logits.end(), part.logits.begin(), part.logits.end());
    last_boundary.insert(last_boundary.end(), part.hidden.back().begin(), part.hidden.back().end());
    at += count;
  }
  EXPECT_EQ(logits, whole.logits);
  EXPECT_EQ(last_boundary, whole.hidden.back());
}

TEST_F(ReferenceTest, EmbeddingsAreTheFirstBoundary) {
  const GgufFile file = *GgufFile::open(written(tiny_contract()));
  const GgufTensor& table = *file.find_tensor("token_embd.weight");
  std::vector<float> row(32);
  constexpr std::size_t kRowBytes = 128;
  dequantize(*table.type, table.bytes.subspan(49 * kRowBytes, kRowBytes), row);
  const ReferenceOutput output = Reference::open(file, {})->run(std::vector<int>{49}).value();
  ASSERT_EQ(output.hidden.size(), 3U);
  EXPECT_EQ(output.hidden[0], row);
  for (float& x : row) x = fp16_to_float(float_to_fp16(x));
  EXPECT_EQ(Reference::open(file, {.weights = ReferenceWeights::kInt8PerTensor})
                ->run(std::vector<int>{49})
                ->hidden[0],
            row);
}

TEST_F(ReferenceTest, GreedyDecodingOfASyntheticModelKeepsMovingAndFitsFp16) {
  Contract contract = *known_model("nano");
  contract.vocab_size = 1024;
  const GgufFile file = *GgufFile::open(written(contract, SyntheticType::kF16));
  Reference reference = *Reference::open(file, {.threads = 2});
  std::set<int> distinct;
  float largest = 0;
  int id = 1;
  for (int i = 0; i < 12; ++i) {
    const ReferenceOutput output = reference.run(std::vector<int>{id}).value();
    for (const float x : output.hidden.back()) largest = std::max(largest, std::abs(x));
    id = greedy_id(output.logits);
    distinct.insert(id);
  }
  EXPECT_GE(distinct.size(), 10U);
  EXPECT_LT(largest, 100);
}

TEST_F(ReferenceTest, SaysWhatCannotBeRun) {
  const GgufFile file = *GgufFile::open(written(tiny_contract()));
  EXPECT_EQ(Reference::open(file, {.context = 0}).error().message,
            "context: found 0, want an integer from 1 to 512 as the model has it");
  EXPECT_EQ(Reference::open(file, {.context = 513}).error().code, ErrorCode::kInvalidInput);
  Reference reference = *Reference::open(file, {.context = 4});
  EXPECT_EQ(reference.run(std::vector<int>{50}).error().message,
            "found the id 50, want an integer from 0 to 49");
  EXPECT_THAT(reference.run(std::vector<int>{1, 2, 3}).value().logits, Each(Le(100)));
  EXPECT_EQ(reference.run(std::vector<int>{1, 2}).error().message,
            "found 2 ids, want 1 to 1: the context has 4 positions, 3 of them used");
}

TEST_F(ReferenceTest, AWeightThatIsNoNumberIsNamed) {
  for (const char* name :
       {"token_embd.weight", "blk.1.ffn_down.weight", "blk.0.attn_norm.weight"}) {
    const std::string path = written(tiny_contract());
    std::ptrdiff_t offset = 0;
    {
      const GgufFile file = *GgufFile::open(path);
      offset = file.find_tensor(name)->bytes.data() -
               file.find_tensor("token_embd.weight")->bytes.data();
      offset += static_cast<std::ptrdiff_t>(std::filesystem::file_size(path));
      const GgufTensor& last = file.tensors().back();
      offset -= last.bytes.data() + last.bytes.size() -
                file.find_tensor("token_embd.weight")->bytes.data();
      offset -= static_cast<std::ptrdiff_t>((32 - last.bytes.size() % 32) % 32);
    }
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(offset + 28);  // the eighth float
    out.write(reinterpret_cast<const char*>(&nan), sizeof(nan));
    out.close();
    for (const ReferenceWeights weights :
         {ReferenceWeights::kOriginal, ReferenceWeights::kInt8PerTensor}) {
      const GgufFile file = *GgufFile::open(path);
      Result<Reference> reference = Reference::open(file, {.weights = weights});
      const std::string message = reference ? reference->run(std::vector<int>{0}).error().message
                                            : reference.error().message;
      EXPECT_EQ(message,
                path + ": tensor '" + name + "': found a weight that is not finite, want numbers");
    }
  }
}

}  // namespace
}  // namespace fusesweep

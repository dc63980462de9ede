#include "runners/mlprogram/weight_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/fp16.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/mlprogram/weight_rows.h"
#include "runners/model/reference_matrix.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMostUnexpected = 1000;  // of very many, the first

std::size_t size_of(int count) { return static_cast<std::size_t>(count); }

// ---- what the shard should have ----

// A tensor of the model, or the rows of it that the shard is about. A norm is a matrix of one row.
struct WantedTensor {
  std::string name;
  bool is_norm = false;
  std::size_t rows = 0;  // of the whole tensor
  std::size_t columns = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Rows of one of them that a package may hold as a constant of its own.
struct Slot {
  std::size_t tensor = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct WantedWeights {
  std::vector<WantedTensor> tensors;
  std::vector<Slot> slots;  // in the order in which a program uses them

  void norm(std::string name, int size) {
    tensors.push_back({std::move(name), true, 1, size_of(size), 0, 1});
    slots.push_back({tensors.size() - 1, 0, 1});
  }
  // A matrix whose rows are those of its parts, one after the other.
  void matrix(std::string name, int columns, std::initializer_list<int> parts) {
    std::size_t rows = 0;
    for (const int part : parts) {
      slots.push_back({tensors.size(), rows, rows + size_of(part)});
      rows += size_of(part);
    }
    tensors.push_back({std::move(name), false, rows, size_of(columns), 0, rows});
  }
};

WantedWeights weights_of(const Contract& c, const Segment& segment) {
  WantedWeights wanted;
  const int queries = c.n_heads * c.d_head;
  const int keys = c.n_kv_heads * c.d_head;
  for (int layer = segment.begin; layer < segment.end; ++layer) {
    const auto name = [&](std::string_view tensor) {
      return fmt::format("blk.{}.{}.weight", layer, tensor);
    };
    wanted.norm(name("attn_norm"), c.d_model);
    wanted.matrix(name("attn_qkv"), c.d_model, {queries, keys, keys});
    wanted.matrix(name("attn_output"), queries, {c.d_model});
    wanted.norm(name("ffn_norm"), c.d_model);
    wanted.matrix(name("ffn_up"), c.d_model, {c.d_ff, c.d_ff});
    wanted.matrix(name("ffn_down"), c.d_ff, {c.d_model});
  }
  return wanted;
}

WantedWeights weights_of(const Contract& c, const HeadSlice& slice) {
  WantedWeights wanted;
  wanted.norm("output_norm.weight", c.d_model);
  wanted.tensors.push_back({.name = c.tied_embeddings ? "token_embd.weight" : "output.weight",
                            .rows = size_of(c.vocab_size),
                            .columns = size_of(c.d_model),
                            .begin = size_of(slice.vocab_begin),
                            .end = size_of(slice.vocab_end)});
  return wanted;
}

// ---- what the package has ----

// A constant where the program uses it as a weight.
struct Use {
  const Operation* source = nullptr;
  bool is_norm = false;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// A 1x1 convolution's weight, or a vector with a number for each channel that is multiplied by.
std::vector<Use> uses_of(const Program& program, std::size_t d_model) {
  std::map<std::string_view, const Operation*> sources;
  std::vector<Use> uses;
  for (const Operation& operation : program.operations) {
    if (!is_compute(operation)) sources[operation.outputs.front().name] = &operation;
    const bool is_product = operation.type == "mul";
    if (operation.type != "conv" && !is_product) continue;
    for (const char* parameter : {"weight", "x", "y"}) {
      if ((parameter == std::string_view("weight")) == is_product) continue;
      const auto* name = std::get_if<std::string>(&operation.inputs.at(parameter).front());
      const auto found = name == nullptr ? sources.end() : sources.find(*name);
      if (found == sources.end()) continue;
      const auto& [element, shape] = found->second->outputs.front().type;
      if (element != DataType::kFp16 && element != DataType::kFp32) continue;
      const auto ones = std::count(shape.begin(), shape.end(), 1U);
      const std::uint64_t count = element_count(shape);
      if (is_product) {
        const bool is_vector = ones + 1 >= static_cast<std::ptrdiff_t>(shape.size());
        if (is_vector && !shape.empty() && count == d_model)
          uses.push_back({found->second, true, 1, d_model});
      } else if (count == shape[0] * shape[1]) {
        uses.push_back({found->second, false, shape[0], shape[1]});
      }
    }
  }
  return uses;
}

// Constants that could be weights and that nothing above uses as one.
std::vector<std::string> unexpected_weights(const Program& program,
                                            const std::set<const Operation*>& expected) {
  const auto is_weight = [](const TensorType& type) {
    const bool is_number = type.element == DataType::kFp16 || type.element == DataType::kFp32 ||
                           type.element == DataType::kInt8 || type.element == DataType::kUint8;
    return is_number && element_count(type.shape) > 1;
  };
  std::set<std::string_view> parts;  // of constexpr operations
  for (const Operation& operation : program.operations) {
    if (is_compute(operation)) continue;
    for (const auto& [parameter, arguments] : operation.inputs) {
      for (const Argument& argument : arguments) {
        if (const auto* name = std::get_if<std::string>(&argument)) parts.insert(*name);
      }
    }
  }
  std::vector<std::string> unexpected;
  const auto add = [&](std::string_view name, const TensorType& type) {
    if (unexpected.size() < kMostUnexpected)
      unexpected.push_back(fmt::format("{} {}", one_line(name), to_text(type)));
  };
  for (const Operation& operation : program.operations) {
    if (!is_compute(operation)) {
      const auto& [name, type] = operation.outputs.front();
      if (is_weight(type) && !expected.contains(&operation) && !parts.contains(name))
        add(name, type);
      continue;
    }
    for (const auto& [parameter, arguments] : operation.inputs) {
      for (const Argument& argument : arguments) {
        const auto* value = std::get_if<Value>(&argument);
        if (value != nullptr && is_weight(value->type))
          add(fmt::format("{}.{}", operation.name, parameter), value->type);
      }
    }
  }
  return unexpected;
}

// ---- which is which ----

// Rows of a tensor from `begin` on are what a use has.
struct Match {
  const Use* use = nullptr;
  std::size_t tensor = 0;
  std::size_t begin = 0;
};

// How many slots from `first` on a use is of: those of one tensor with its rows together; or 0.
std::size_t slots_of(const WantedWeights& wanted, std::size_t first, const Use& use) {
  const std::size_t index = wanted.slots[first].tensor;
  const WantedTensor& tensor = wanted.tensors[index];
  if (tensor.is_norm != use.is_norm || tensor.columns != use.columns) return 0;
  std::size_t rows = 0;
  for (std::size_t i = first; i < wanted.slots.size() && wanted.slots[i].tensor == index; ++i) {
    rows += wanted.slots[i].end - wanted.slots[i].begin;
    if (rows == use.rows) return i - first + 1;
  }
  return 0;
}

// Of all ways to go through uses and slots in order and leave some of both out, the one that places most
// uses, and each of them as early as it can be: so one weight too many or too few does not set all that
// follow it against the wrong ones.
std::vector<Match> match_in_order(const WantedWeights& wanted, const std::vector<Use>& uses) {
  const std::size_t slots = wanted.slots.size();
  const std::size_t width = slots + 1;
  std::vector<std::uint16_t> most((uses.size() + 1) * width);  // of the uses and slots from here on
  for (std::size_t u = uses.size(); u-- > 0;) {
    for (std::size_t s = slots; s-- > 0;) {
      const std::size_t here = u * width + s;
      most[here] = std::max(most[here + width], most[here + 1]);
      if (const std::size_t n = slots_of(wanted, s, uses[u]); n > 0)
        most[here] = std::max(most[here], static_cast<std::uint16_t>(most[here + width + n] + 1));
    }
  }
  std::vector<Match> matches;
  for (std::size_t u = 0, s = 0; u < uses.size() && s < slots;) {
    const std::size_t here = u * width + s;
    const std::size_t n = slots_of(wanted, s, uses[u]);
    if (n > 0 && most[here] == most[here + width + n] + 1) {
      matches.push_back({&uses[u++], wanted.slots[s].tensor, wanted.slots[s].begin});
      s += n;
    } else if (most[here] == most[here + 1]) {
      ++s;
    } else {
      ++u;
    }
  }
  return matches;
}

// The rows of a head follow one another, in one convolution or in several.
std::vector<Match> match_head(const WantedWeights& wanted, const std::vector<Use>& uses) {
  std::vector<Match> matches;
  const WantedTensor& rows = wanted.tensors.back();
  std::size_t next = rows.begin;
  bool has_norm = false;
  for (const Use& use : uses) {
    if (use.columns != rows.columns) continue;
    if (use.is_norm && !has_norm) {
      has_norm = true;
      matches.push_back({&use, 0, 0});
    } else if (!use.is_norm && use.rows <= rows.end - next) {
      matches.push_back({&use, 1, next});
      next += use.rows;
    }
  }
  return matches;
}

// ---- the comparison ----

// The distance from an fp16 value to the next.
double half_step(float value) {
  constexpr int kSmallestExponent = -14;
  constexpr int kFractionBits = 10;
  const int exponent = value == 0 ? kSmallestExponent : std::ilogb(value);
  return std::ldexp(1.0, std::max(exponent, kSmallestExponent) - kFractionBits);
}

void add(TensorWeights& to, const TensorWeights& part) {
  to.elements += part.elements;
  to.differing += part.differing;
  to.non_finite += part.non_finite;
  to.worst_steps = std::max(to.worst_steps, part.worst_steps);
}

// `scale` is the step of int8; absent for fp16.
void compare_row(std::span<const float> found, std::span<const float> wanted,
                 std::optional<float> scale, TensorWeights& facts) {
  constexpr float kLargest = 65504;  // of fp16
  // Without a branch, so that compilers turn the loop below into vector code.
  const auto differs = [&](std::size_t i) {
    const bool is_other = !(found[i] == wanted[i]);
    const bool is_beyond = !(std::abs(found[i]) <= kLargest);
    return is_other | is_beyond;
  };
  std::uint32_t differing = 0;
  for (std::size_t i = 0; i < found.size(); ++i) differing += differs(i) ? 1U : 0U;
  facts.elements += found.size();
  facts.differing += differing;
  if (differing == 0) return;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!differs(i)) continue;
    if (!std::isfinite(found[i])) {
      ++facts.non_finite;
      continue;
    }
    const double step = scale ? static_cast<double>(*scale) : half_step(wanted[i]);
    const double difference = std::abs(static_cast<double>(found[i]) - wanted[i]);
    facts.worst_steps = std::max(facts.worst_steps, difference / step);
  }
}

class Checker {
 public:
  Checker(const Package& package, const ModelFile& model, ReferenceWeights rounding, int threads)
      : package_(package),
        model_(model),
        constants_(package.model().program),
        rounding_(rounding),
        threads_(threads) {}

  Result<TensorWeights> check(const WantedTensor& wanted, std::span<const Match> matches) const {
    return wanted.is_norm ? check_norm(wanted, matches) : check_matrix(wanted, matches);
  }

 private:
  // Rows of the package as the fp16 that they mean.
  static void read(const WeightRows& rows, std::size_t row, std::span<float> out) {
    rows.read(row, out);
    if (rows.element() == DataType::kFp16) return;
    for (float& w : out) w = fp16_to_float(float_to_fp16(w));
  }

  Result<TensorWeights> check_norm(const WantedTensor& wanted,
                                   std::span<const Match> matches) const {
    const auto weights = read_reference_vector(model_.file, wanted.name, wanted.columns, rounding_);
    if (!weights) return fail(weights.error());
    TensorWeights facts{.tensor = wanted.name};
    for (const Match& match : matches) {
      const WeightRows rows(package_, *match.use->source, constants_);
      // A vector may stand along any dimension: [1, d, 1, 1] is one row, [d] is d rows.
      std::vector<float> found(wanted.columns);
      for (std::size_t row = 0; row < rows.rows(); ++row)
        read(rows, row, std::span(found).subspan(row * rows.columns(), rows.columns()));
      compare_row(found, *weights, std::nullopt, facts);
    }
    return facts;
  }

  Result<TensorWeights> check_matrix(const WantedTensor& wanted,
                                     std::span<const Match> matches) const {
    const auto reference = ReferenceMatrix::open(model_.file,
                                                 {.tensor = wanted.name,
                                                  .rows = wanted.rows,
                                                  .columns = wanted.columns,
                                                  .begin = wanted.begin,
                                                  .end = wanted.end},
                                                 rounding_, wanted.end - wanted.begin, threads_);
    if (!reference) return fail(reference.error());
    TensorWeights facts{.tensor = wanted.name};
    std::mutex mutex;
    std::atomic<bool> is_finite = true;
    for (const Match& match : matches) {
      const WeightRows rows(package_, *match.use->source, constants_);
      parallel_for(rows.rows(), threads_, [&](std::size_t begin, std::size_t end) {
        TensorWeights part;
        std::vector<float> found(wanted.columns);
        std::vector<float> meant(wanted.columns);
        for (std::size_t row = begin; row < end; ++row) {
          const std::size_t at = match.begin - wanted.begin + row;
          read(rows, row, found);
          reference->read_row(at, meant);
          std::optional<float> scale;
          if (rounding_ != ReferenceWeights::kFp16) scale = reference->scale_of(at);
          if (!std::all_of(meant.begin(), meant.end(), [](float w) { return std::isfinite(w); }))
            is_finite = false;
          compare_row(found, meant, scale, part);
        }
        const std::lock_guard lock(mutex);
        add(facts, part);
      });
    }
    if (!is_finite) return not_finite(model_.file, reference->tensor());
    return facts;
  }

  const Package& package_;
  const ModelFile& model_;
  const Constants constants_;
  ReferenceWeights rounding_;
  int threads_;
};

// The rows of a tensor that no match covers; matches are in the order of their rows.
void add_missing(const WantedTensor& tensor, std::span<const Match> matches,
                 std::vector<std::string>& missing) {
  if (matches.empty()) {
    missing.push_back(tensor.name);
    return;
  }
  std::size_t next = tensor.begin;
  const auto add_until = [&](std::size_t row) {
    if (next < row) missing.push_back(fmt::format("{} rows [{},{})", tensor.name, next, row));
  };
  for (const Match& match : matches) {
    add_until(match.begin);
    next = match.begin + match.use->rows;
  }
  add_until(tensor.end);
}

}  // namespace

Result<WeightFacts> check_weights(const Package& package, const ModelFile& model,
                                  const ShardIdentity& identity, int threads) {
  const auto* segment = std::get_if<Segment>(&identity.kind);
  const auto* slice = std::get_if<HeadSlice>(&identity.kind);
  if (segment == nullptr && slice == nullptr)
    return invalid_input(fmt::format("found {}, want layers or a head", to_text(identity.kind)));
  if (auto has = check_kind(model.contract, identity.kind); !has)
    return fail(std::move(has).error());
  const WantedWeights wanted = segment != nullptr ? weights_of(model.contract, *segment)
                                                  : weights_of(model.contract, *slice);
  const Program& program = package.model().program;
  const std::vector<Use> uses = uses_of(program, size_of(model.contract.d_model));
  // A shard uses each of its weights once. So many more would only cost time and memory.
  if (const std::size_t most = 2 * wanted.slots.size() + 64;
      segment != nullptr && uses.size() > most)
    return invalid_input(fmt::format("{}: found {} weights in use, want at most {}",
                                     to_text(identity.kind), uses.size(), most));
  const std::vector<Match> matches =
      segment != nullptr ? match_in_order(wanted, uses) : match_head(wanted, uses);

  WeightFacts facts;
  std::set<const Operation*> expected;
  const Checker checker(package, model, rounding_of(identity.encoding), threads);
  for (std::size_t i = 0; i < wanted.tensors.size(); ++i) {
    std::vector<Match> own;
    std::copy_if(matches.begin(), matches.end(), std::back_inserter(own),
                 [&](const Match& match) { return match.tensor == i; });
    for (const Match& match : own) expected.insert(match.use->source);
    add_missing(wanted.tensors[i], own, facts.missing);
    if (own.empty()) continue;
    Result<TensorWeights> tensor = checker.check(wanted.tensors[i], own);
    if (!tensor) return fail(std::move(tensor).error());
    facts.tensors.push_back(*std::move(tensor));
  }
  facts.unexpected = unexpected_weights(program, expected);
  return facts;
}

}  // namespace fusesweep

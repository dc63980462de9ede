#include "runners/model/gguf_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "runners/model/dequantize.h"

namespace fusesweep {
namespace {

constexpr std::string_view kArchitecture = "phi3";
constexpr std::string_view kShortFactors = "rope_factors_short.weight";
constexpr std::string_view kLongFactors = "rope_factors_long.weight";

// A key or tensor that is missing or not what it must be.
struct Problem {
  std::string key;
  std::string found;
  std::string wanted;
};

// Reads keys; what is missing or of the wrong kind is noted, and its value means nothing.
class KeyReader {
 public:
  explicit KeyReader(const GgufFile& file) : file_(file) {}

  int integer(std::string_view key) {
    const std::string name = full(key);
    const GgufValue* value = file_.find(name);
    if (value != nullptr) return integer_of(name, value);
    reject(name, "nothing", "an integer");
    return 0;
  }

  int integer_of(std::string_view name, const GgufValue* value) {
    // A negative number wraps to one beyond int, and is refused with it.
    std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
    if (const auto* n = std::get_if<std::uint64_t>(value)) number = *n;
    if (const auto* n = std::get_if<std::int64_t>(value)) number = static_cast<std::uint64_t>(*n);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
      reject(name, to_text(*value),
             fmt::format("an integer from 0 to {}", std::numeric_limits<int>::max()));
      return 0;
    }
    return static_cast<int>(number);
  }

  int integer_or(std::string_view key, int otherwise) {
    return file_.find(full(key)) == nullptr ? otherwise : integer(key);
  }

  float number(std::string_view key) {
    const std::string name = full(key);
    const GgufValue* value = file_.find(name);
    const double* number = value == nullptr ? nullptr : std::get_if<double>(value);
    if (number != nullptr) return static_cast<float>(*number);
    reject(name, value == nullptr ? "nothing" : to_text(*value), "a number");
    return 0;
  }

  float number_or(std::string_view key, float otherwise) {
    return file_.find(full(key)) == nullptr ? otherwise : number(key);
  }

  // Rows of a matrix with so many columns: its second and first dimension in ggml's order.
  int rows(std::string_view tensor_name, int columns) {
    const GgufTensor* tensor = file_.find_tensor(tensor_name);
    const bool fits =
        tensor != nullptr && tensor->shape.size() == 2 &&
        tensor->shape[0] == static_cast<std::uint64_t>(columns) &&
        tensor->shape[1] <= static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    if (fits) return static_cast<int>(tensor->shape[1]);
    reject(fmt::format("tensor {}", quote(tensor_name)),
           tensor == nullptr ? "none" : fmt::format("the shape {}", fmt::join(tensor->shape, "x")),
           fmt::format("a matrix with {} columns", columns));
    return 0;
  }

  // The size of a head is stated, or else the model's width is divided evenly among the heads.
  int d_head(int d_model, int n_heads) {
    constexpr std::string_view kKey = "attention.key_length";
    if (file_.find(full(kKey)) != nullptr) return integer(kKey);
    if (n_heads > 0 && d_model % n_heads == 0) return d_model / n_heads;
    reject(full(kKey), "nothing",
           fmt::format("it, since {} heads do not divide {}", n_heads, d_model));
    return 0;
  }

  // A vector of floats; a dimension and an element type that fit are the file reader's to check.
  std::vector<float> factors(std::string_view tensor_name) {
    const GgufTensor* tensor = file_.find_tensor(tensor_name);
    if (tensor == nullptr || tensor->type == nullptr || !can_dequantize(*tensor->type) ||
        tensor->shape.size() != 1) {
      reject(fmt::format("tensor {}", quote(tensor_name)),
             tensor == nullptr ? "none" : "another type or shape", "a vector of numbers");
      return {};
    }
    std::vector<float> values(tensor->shape[0]);
    dequantize(*tensor->type, tensor->bytes, values);
    return values;
  }

  // Absent unless one of the two tensors of factors is there; then both and the original context
  // must be.
  std::optional<RopeScaling> rope_scaling() {
    if (file_.find_tensor(kShortFactors) == nullptr && file_.find_tensor(kLongFactors) == nullptr)
      return std::nullopt;
    return RopeScaling{.original_max_seq_len = integer("rope.scaling.original_context_length"),
                       .attention_factor = number_or("rope.scaling.attn_factor", 1),
                       .short_factors = factors(kShortFactors),
                       .long_factors = factors(kLongFactors)};
  }

  // An id of the vocabulary, absent where the key is.
  std::optional<int> token(std::string_view key) {
    const std::string name = fmt::format("tokenizer.ggml.{}", key);
    const GgufValue* value = file_.find(name);
    if (value == nullptr) return std::nullopt;
    return integer_of(name, value);
  }

  void reject(std::string_view key, std::string_view found, std::string_view wanted) {
    problems_.push_back({std::string(key), std::string(found), std::string(wanted)});
  }

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  static std::string full(std::string_view key) { return fmt::format("{}.{}", kArchitecture, key); }

  const GgufFile& file_;
  std::vector<Problem> problems_;
};

// The types of the matrices, those with most bytes first: "Q8_0", "Q4_K+Q6_K".
std::string quantization_of(const GgufFile& file) {
  std::map<std::string, std::uint64_t> bytes;
  for (const GgufTensor& tensor : file.tensors()) {
    if (tensor.shape.size() == 2 && tensor.type != nullptr)
      bytes[std::string(tensor.type->name)] += tensor.bytes.size();
  }
  std::vector<std::pair<std::string, std::uint64_t>> types(bytes.begin(), bytes.end());
  std::stable_sort(types.begin(), types.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [name, unused] : types) text += (text.empty() ? "" : "+") + name;
  return text;
}

bool is_supported(const GgufFile& file, KeyReader& read) {
  const GgufValue* architecture = file.find("general.architecture");
  const auto* name =
      architecture == nullptr ? nullptr : std::get_if<std::string_view>(architecture);
  if (name != nullptr && *name == kArchitecture) return true;
  read.reject("general.architecture", architecture == nullptr ? "nothing" : to_text(*architecture),
              fmt::format("{} (others are not supported yet)", quote(kArchitecture)));
  return false;
}

Contract read_fields(const GgufFile& file, KeyReader& read) {
  // Optional are only the keys whose absence the format itself gives a meaning to.
  Contract contract;
  contract.architecture = kArchitecture;
  contract.n_layers = read.integer("block_count");
  contract.d_model = read.integer("embedding_length");
  contract.n_heads = read.integer("attention.head_count");
  contract.n_kv_heads = read.integer_or("attention.head_count_kv", contract.n_heads);
  contract.d_head = read.d_head(contract.d_model, contract.n_heads);
  if (const int d_value = read.integer_or("attention.value_length", contract.d_head);
      d_value != contract.d_head) {
    read.reject("phi3.attention.value_length", fmt::format("{}", d_value),
                fmt::format("{} as the keys have", contract.d_head));
  }
  contract.rope_dim = read.integer("rope.dimension_count");
  contract.d_ff = read.integer("feed_forward_length");
  contract.vocab_size = read.rows("token_embd.weight", contract.d_model);
  contract.max_seq_len = read.integer("context_length");
  contract.rope_freq_base = read.number("rope.freq_base");
  contract.rms_norm_eps = read.number("attention.layer_norm_rms_epsilon");
  contract.rope_scaling = read.rope_scaling();
  contract.tied_embeddings = file.find_tensor("output.weight") == nullptr;
  contract.quantization = quantization_of(file);
  contract.bos_token_id = read.token("bos_token_id");
  contract.eos_token_id = read.token("eos_token_id");
  return contract;
}

// The key or tensor that a field of the contract is read from.
std::string key_of(std::string_view field) {
  constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
      {"architecture", "general.architecture"},
      {"n_layers", "phi3.block_count"},
      {"d_model", "phi3.embedding_length"},
      {"n_heads", "phi3.attention.head_count"},
      {"n_kv_heads", "phi3.attention.head_count_kv"},
      {"d_head", "phi3.attention.key_length"},
      {"rope_dim", "phi3.rope.dimension_count"},
      {"d_ff", "phi3.feed_forward_length"},
      {"vocab_size", "tensor 'token_embd.weight'"},
      {"max_seq_len", "phi3.context_length"},
      {"rope_freq_base", "phi3.rope.freq_base"},
      {"rms_norm_eps", "phi3.attention.layer_norm_rms_epsilon"},
      {"rope_scaling.original_max_seq_len", "phi3.rope.scaling.original_context_length"},
      {"rope_scaling.attention_factor", "phi3.rope.scaling.attn_factor"},
      {"tied_embeddings", "tensor 'output.weight'"},
      {"quantization", "types of the matrices"},
      {"bos_token_id", "tokenizer.ggml.bos_token_id"},
      {"eos_token_id", "tokenizer.ggml.eos_token_id"}};
  for (const auto& [name, key] : kKeys) {
    if (name == field) return std::string(key);
  }
  const std::size_t index = field.find('[');
  if (field.starts_with("rope_scaling.short_factors"))
    return fmt::format("tensor '{}'{}", kShortFactors, field.substr(index));
  FUSESWEEP_CHECK(field.starts_with("rope_scaling.long_factors"));
  return fmt::format("tensor '{}'{}", kLongFactors, field.substr(index));
}

// The tensors that a model of this shape has; columns 0 for a vector.
struct NeededTensor {
  std::string name;
  int rows = 0;
  int columns = 0;
};

std::vector<NeededTensor> needed_tensors(const Contract& c) {
  const int d_attention = c.n_heads * c.d_head;
  std::vector<NeededTensor> needed = {{"token_embd.weight", c.vocab_size, c.d_model}};
  for (int layer = 0; layer < c.n_layers; ++layer) {
    const std::string blk = fmt::format("blk.{}.", layer);
    needed.push_back({blk + "attn_norm.weight", c.d_model, 0});
    needed.push_back(
        {blk + "attn_qkv.weight", d_attention + 2 * c.n_kv_heads * c.d_head, c.d_model});
    needed.push_back({blk + "attn_output.weight", c.d_model, d_attention});
    needed.push_back({blk + "ffn_norm.weight", c.d_model, 0});
    needed.push_back({blk + "ffn_up.weight", 2 * c.d_ff, c.d_model});
    needed.push_back({blk + "ffn_down.weight", c.d_model, c.d_ff});
  }
  needed.push_back({"output_norm.weight", c.d_model, 0});
  if (!c.tied_embeddings) needed.push_back({"output.weight", c.vocab_size, c.d_model});
  return needed;
}

std::vector<ProfileDifference> missing_tensors(const GgufFile& file, const Contract& profile) {
  std::vector<ProfileDifference> differences;
  for (const auto& [name, rows, columns] : needed_tensors(profile)) {
    std::vector<int> shape = {rows};
    if (columns != 0) shape.insert(shape.begin(), columns);
    const GgufTensor* tensor = file.find_tensor(name);
    const bool same_shape =
        tensor != nullptr && std::equal(shape.begin(), shape.end(), tensor->shape.begin(),
                                        tensor->shape.end(), std::equal_to<>());
    const bool decodes =
        tensor != nullptr && tensor->type != nullptr && can_dequantize(*tensor->type);
    if (same_shape && decodes) continue;
    std::string found = "none";
    if (tensor != nullptr) {
      found = same_shape ? fmt::format("type {}", tensor->type_id)
                         : fmt::format("{}", fmt::join(tensor->shape, "x"));
    }
    differences.push_back(
        {.field = {},
         .key = fmt::format("tensor {}", quote(name)),
         .found = std::move(found),
         .wanted = fmt::format("{} of a type that can be decoded", fmt::join(shape, "x"))});
  }
  return differences;
}

}  // namespace

Result<Contract> read_contract(const GgufFile& file) {
  KeyReader read(file);
  Contract contract;
  if (is_supported(file, read)) contract = read_fields(file, read);
  if (!read.problems().empty()) {
    const Problem& first = read.problems().front();
    return invalid_input(fmt::format("{}: {}: found {}, want {}", file.where(), first.key,
                                     first.found, first.wanted));
  }
  if (const Result<void> checked = check_contract(contract); !checked) {
    return fail_with_context(checked.error(), file.where());
  }
  return contract;
}

std::vector<ProfileDifference> compare_with_profile(const GgufFile& file, const Contract& profile) {
  KeyReader read(file);
  Contract found;
  if (!is_supported(file, read)) {
    const Problem& problem = read.problems().front();
    return {{"architecture", problem.key, problem.found, problem.wanted}};
  }
  found = read_fields(file, read);
  std::vector<ProfileDifference> differences;
  for (ContractDifference& difference : compare_contracts(found, profile)) {
    std::string key = key_of(difference.field);
    // What could not be read has no value to show, but a reason.
    for (const Problem& problem : read.problems()) {
      if (problem.key == key) difference.found = problem.found;
    }
    differences.push_back({std::move(difference.field), std::move(key), std::move(difference.found),
                           std::move(difference.wanted)});
  }
  for (const Problem& problem : read.problems()) {
    const bool told = std::any_of(differences.begin(), differences.end(),
                                  [&](const auto& other) { return other.key == problem.key; });
    if (!told) differences.push_back({{}, problem.key, problem.found, problem.wanted});
  }
  for (ProfileDifference& missing : missing_tensors(file, profile)) {
    const bool told = std::any_of(differences.begin(), differences.end(),
                                  [&](const auto& other) { return other.key == missing.key; });
    if (!told) differences.push_back(std::move(missing));
  }
  return differences;
}

}  // namespace fusesweep

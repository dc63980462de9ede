#include "runners/model/gguf_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "runners/model/dequantize.h"

namespace fusesweep {
namespace {

constexpr std::string_view kArchitecture = "phi3";
constexpr std::string_view kShortFactors = "rope_factors_short.weight";
constexpr std::string_view kLongFactors = "rope_factors_long.weight";

// Reads keys; the first that is missing or of the wrong kind is kept, and the values after it mean
// nothing.
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

  void reject(std::string_view where, std::string_view found, std::string_view wanted) {
    if (!error_)
      error_ = fmt::format("{}: {}: found {}, want {}", file_.where(), where, found, wanted);
  }

  const std::optional<std::string>& error() const { return error_; }

 private:
  static std::string full(std::string_view key) { return fmt::format("{}.{}", kArchitecture, key); }

  const GgufFile& file_;
  std::optional<std::string> error_;
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

}  // namespace

Result<Contract> read_contract(const GgufFile& file) {
  KeyReader read(file);
  const GgufValue* architecture = file.find("general.architecture");
  const auto* name =
      architecture == nullptr ? nullptr : std::get_if<std::string_view>(architecture);
  if (name == nullptr || *name != kArchitecture) {
    read.reject("general.architecture",
                architecture == nullptr ? "nothing" : to_text(*architecture),
                fmt::format("{} (others are not supported yet)", quote(kArchitecture)));
    return invalid_input(*read.error());
  }

  // Optional are only the keys whose absence the format itself gives a meaning to.
  Contract contract;
  contract.architecture = *name;
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
  if (read.error()) return invalid_input(*read.error());
  if (const Result<void> checked = check_contract(contract); !checked) {
    return fail_with_context(checked.error(), file.where());
  }
  return contract;
}

}  // namespace fusesweep

#include "runners/model/gguf_contract.h"

#include <fmt/format.h>

#include <limits>
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

// A value as it may stand in a message.
std::string shown(const GgufValue& value) {
  if (const auto* n = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *n);
  if (const auto* n = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *n);
  if (const auto* x = std::get_if<double>(&value)) return fmt::format("{}", *x);
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const auto* text = std::get_if<std::string_view>(&value)) return quote(*text);
  return "an array";
}

// Reads keys; the first that is missing or of the wrong kind is kept, and the values after it mean
// nothing.
class KeyReader {
 public:
  explicit KeyReader(const GgufFile& file) : file_(file) {}

  int integer(std::string_view key) {
    const std::string name = full(key);
    const GgufValue* value = file_.find(name);
    if (value == nullptr) {
      reject(name, "nothing", "an integer");
      return 0;
    }
    // A negative number wraps to one beyond int, and is refused with it.
    std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
    if (const auto* n = std::get_if<std::uint64_t>(value)) number = *n;
    if (const auto* n = std::get_if<std::int64_t>(value)) number = static_cast<std::uint64_t>(*n);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
      reject(name, shown(*value),
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
    reject(name, value == nullptr ? "nothing" : shown(*value), "a number");
    return 0;
  }

  float number_or(std::string_view key, float otherwise) {
    return file_.find(full(key)) == nullptr ? otherwise : number(key);
  }

  // Rows of a matrix: its second dimension in ggml's order.
  int rows(std::string_view tensor_name) {
    const GgufTensor* tensor = file_.find_tensor(tensor_name);
    if (tensor == nullptr || tensor->shape.size() != 2 ||
        tensor->shape[1] > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
      reject(fmt::format("tensor {}", quote(tensor_name)),
             tensor == nullptr ? "none" : "another shape", "a matrix");
      return 0;
    }
    return static_cast<int>(tensor->shape[1]);
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

}  // namespace

Result<Contract> read_contract(const GgufFile& file) {
  KeyReader read(file);
  const GgufValue* architecture = file.find("general.architecture");
  const auto* name =
      architecture == nullptr ? nullptr : std::get_if<std::string_view>(architecture);
  if (name == nullptr || *name != kArchitecture) {
    read.reject("general.architecture", architecture == nullptr ? "nothing" : shown(*architecture),
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
  const int equal_heads = contract.n_heads > 0 ? contract.d_model / contract.n_heads : 0;
  contract.d_head = read.integer_or("attention.key_length", equal_heads);
  contract.rope_dim = read.integer("rope.dimension_count");
  contract.d_ff = read.integer("feed_forward_length");
  contract.vocab_size = read.rows("token_embd.weight");
  contract.max_seq_len = read.integer("context_length");
  contract.rope_freq_base = read.number_or("rope.freq_base", 10000);
  contract.rms_norm_eps = read.number("attention.layer_norm_rms_epsilon");
  contract.rope_scaling = read.rope_scaling();
  contract.tied_embeddings = file.find_tensor("output.weight") == nullptr;
  if (read.error()) return invalid_input(*read.error());
  if (const Result<void> checked = check_contract(contract); !checked) {
    return fail_with_context(checked.error(), file.where());
  }
  return contract;
}

}  // namespace fusesweep

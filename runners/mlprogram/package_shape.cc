#include "runners/mlprogram/package_shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "harness/base/text.h"
#include "runners/mlprogram/weight_rows.h"

namespace fusesweep {
namespace {

// Sizes are at most 2^31 (ml_model.h), so that they and twice of them fit.
std::int64_t size_at(const TensorType& type, std::size_t dimension) {
  return static_cast<std::int64_t>(type.shape[dimension]);
}

const TensorType* find(const std::vector<NamedType>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const NamedType& named) { return named.name == name; });
  return found == list.end() ? nullptr : &found->type;
}

std::string names_of(const std::vector<NamedType>& list) {
  constexpr std::size_t kMost = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(list.size(), kMost); ++i)
    names += fmt::format("{}{}", i == 0 ? "" : ", ", quote(list[i].name));
  return fmt::format("{}{}", names.empty() ? "none" : names, list.size() > kMost ? ", ..." : "");
}

// Reads the types of inputs, outputs and states; the first that does not fit is kept.
class PortReader {
 public:
  explicit PortReader(const Program& program) : program_(program) {}

  // A dimension of 0 may be any; `wanted` says it for people.
  TensorType input(std::string_view name, const std::vector<std::uint64_t>& shape,
                   std::string_view wanted) {
    return port("input", program_.inputs, name, shape, wanted);
  }
  TensorType output(std::string_view name, const std::vector<std::uint64_t>& shape,
                    std::string_view wanted) {
    return port("output", program_.outputs, name, shape, wanted);
  }

  void reject(const std::string& what, const std::string& found, std::string_view wanted) {
    if (!error_)
      error_ = Error{ErrorCode::kInvalidInput,
                     fmt::format("{}: found {}, want {}", what, found, wanted)};
  }
  // After an error, of the size that was asked for, with dimensions of 1.
  TensorType checked(const std::string& what, const TensorType* type,
                     const std::vector<std::uint64_t>& shape, std::string_view wanted) {
    bool fits = type != nullptr && type->shape.size() == shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == 0 || shape[i] == type->shape[i];
    if (fits) return *type;
    reject(what, type == nullptr ? "none" : to_text(*type), wanted);
    return {DataType::kFp16, std::vector<std::uint64_t>(shape.size(), 1)};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  TensorType port(std::string_view kind, const std::vector<NamedType>& list, std::string_view name,
                  const std::vector<std::uint64_t>& shape, std::string_view wanted) {
    return checked(fmt::format("{} {}", kind, name), find(list, name), shape, wanted);
  }

  const Program& program_;
  std::optional<Error> error_;
};

// n_heads and d_ff: the second operand's size of o, which follows the projections of the attention,
// and of down, which is a layer's last.
void read_convolutions(const Program& program, std::int64_t d_model, LayersShape& shape) {
  const std::vector<Convolution> convolutions = convolutions_of(program);
  const auto layers = static_cast<std::size_t>(shape.layers);
  const std::size_t in_layer = convolutions.size() / layers;
  if (convolutions.size() % layers != 0 || in_layer < 4 || in_layer > 7) return;
  const std::size_t output = in_layer <= 5 ? 1 : 3;  // after qkv, or after q, k and v
  // The columns of the convolution at a place of every layer, if they agree.
  const auto columns_at = [&](std::size_t place) -> std::optional<std::int64_t> {
    std::optional<std::int64_t> columns;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const Operation* source = convolutions[layer * in_layer + place].source;
      if (source == nullptr) return std::nullopt;
      const TensorType& weight = source->outputs.front().type;
      if (size_at(weight, 0) != d_model || (columns && *columns != size_at(weight, 1)))
        return std::nullopt;
      columns = size_at(weight, 1);
    }
    return columns;
  };
  const std::optional<std::int64_t> heads = columns_at(output);
  if (heads && *heads % shape.d_head == 0) shape.n_heads = *heads / shape.d_head;
  shape.d_ff = columns_at(in_layer - 1);
}

Result<PackageShape> read_layers(const Program& program) {
  PortReader read(program);
  const TensorType x = read.input("x", {1, 0, 0, 1}, "[1, d_model, tokens, 1]");
  const std::uint64_t t = x.shape[2];
  read.output("hidden", x.shape, to_text(x));
  const TensorType cosines = read.input("rope_cos", {t, 0}, "[tokens, rope_dim / 2]");
  read.input("rope_sin", cosines.shape, to_text(cosines));
  const TensorType mask = read.input("attn_mask", {1, 1, t, 0}, "[1, 1, tokens, context]");
  const std::uint64_t s = mask.shape[3];
  const bool is_slice = find(program.inputs, "pos") != nullptr;
  if (is_slice) {
    read.input("pos", {1}, "[1]");
  } else {
    read.input("kv_write_mask", {1, 1, s, t}, "[1, 1, context, tokens], or an input pos [1]");
  }
  if (program.inputs.size() != 5)
    read.reject("inputs", names_of(program.inputs),
                "x, rope_cos, rope_sin, attn_mask, and kv_write_mask or pos");
  if (program.states.empty() || program.states.size() % 2 != 0)
    read.reject("states", fmt::format("{}", program.states.size()), "keys and values of layers");
  TensorType cache{DataType::kFp16, {1, 1, s, 1}};
  for (std::size_t i = 0; i < program.states.size(); ++i) {
    const auto& [name, type] = program.states[i];
    const bool is_first = i == 0;
    TensorType found =
        read.checked("state " + quote(name), &type,
                     is_first ? std::vector<std::uint64_t>{1, 0, s, 0} : cache.shape,
                     is_first ? "[1, n_kv_heads, context, d_head]" : to_text(cache) + " as others");
    if (is_first) cache = std::move(found);
  }
  if (read.error()) return fail(*read.error());

  LayersShape layers{.layers = static_cast<std::int64_t>(program.states.size() / 2),
                     .context = static_cast<std::int64_t>(s),
                     .kv_form = is_slice ? KvForm::kSlice : KvForm::kMask,
                     .rope_dim = 2 * size_at(cosines, 1),
                     .n_kv_heads = size_at(cache, 1),
                     .d_head = size_at(cache, 3)};
  read_convolutions(program, size_at(x, 1), layers);
  return PackageShape{.part = layers, .tokens = size_at(x, 2), .d_model = size_at(x, 1)};
}

Result<PackageShape> read_head(const Program& program) {
  PortReader read(program);
  const TensorType hidden = read.input("hidden", {1, 0, 0, 1}, "[1, d_model, tokens, 1]");
  const TensorType logits =
      read.output("logits", {1, 0, hidden.shape[2], 1}, "[1, rows, tokens, 1]");
  if (program.inputs.size() != 1 || !program.states.empty())
    read.reject("inputs", names_of(program.inputs), "hidden alone, and no states");
  if (read.error()) return fail(*read.error());
  return PackageShape{.part = HeadShape{size_at(logits, 1)},
                      .tokens = size_at(hidden, 2),
                      .d_model = size_at(hidden, 1)};
}

// Which of our encodings a weight is in.
std::optional<Encoding> encoding_of(const Package& package, const Operation& source,
                                    const Constants& constants) {
  const WeightParts parts = parts_of(source, constants);
  const DataType element = parts.elements->type.element;
  if (parts.scale == nullptr)
    return element == DataType::kFp16 ? std::optional(Encoding::kFp16) : std::nullopt;
  if (parts.scale->type.element != DataType::kFp16) return std::nullopt;
  const std::uint64_t scales = element_count(parts.scale->type.shape);
  if (parts.axis) {
    const NumberView zeros(package, *parts.offset);
    if (scales != 1 || zeros.size() != 1) return std::nullopt;
    if (element == DataType::kInt8 && zeros[0] == 0) return Encoding::kInt8;
    if (element == DataType::kUint8 && zeros[0] == 128) return Encoding::kUint8;
    return std::nullopt;
  }
  if (element != DataType::kInt8 || parts.offset != nullptr) return std::nullopt;
  if (scales == 1) return Encoding::kShiftScaleTensor;
  const bool is_by_row =
      scales == parts.scale->type.shape.front() && scales == parts.elements->type.shape.front();
  return is_by_row ? std::optional(Encoding::kShiftScaleChannel) : std::nullopt;
}

std::optional<Encoding> common_encoding(const Package& package, const Constants& constants) {
  std::optional<Encoding> common;
  for (const Convolution& convolution : convolutions_of(package.model().program)) {
    if (convolution.source == nullptr) return std::nullopt;
    const auto encoding = encoding_of(package, *convolution.source, constants);
    if (!encoding || (common && *common != *encoding)) return std::nullopt;
    common = encoding;
  }
  return common;
}

// Finds the epsilon of norms: in rsqrt(mean, epsilon); in the root of mean + epsilon; and in that of
// mean + (root of epsilon * inverse of c)^2, which is ours.
class EpsilonReader {
 public:
  EpsilonReader(const Package& package, const Constants& constants)
      : package_(package), constants_(constants) {
    for (const Operation& operation : package.model().program.operations) {
      for (const NamedType& output : operation.outputs) makers_[output.name] = &operation;
    }
  }

  // Of all norms, if they agree.
  std::optional<float> common() const {
    std::optional<float> common;
    for (const Operation& operation : package_.model().program.operations) {
      const std::string_view type = operation.type;
      if (type != "rsqrt" && type != "sqrt" && type != "pow") continue;
      const std::optional<float> epsilon = of_root(operation);
      if (!epsilon) continue;
      if (common && *common != *epsilon) return std::nullopt;
      common = epsilon;
    }
    return common;
  }

 private:
  const Operation* maker(const Operation& operation, const char* parameter) const {
    const auto arguments = operation.inputs.find(parameter);
    if (arguments == operation.inputs.end() || arguments->second.size() != 1) return nullptr;
    const auto* name = std::get_if<std::string>(&arguments->second.front());
    const auto found = name == nullptr ? makers_.end() : makers_.find(*name);
    return found == makers_.end() ? nullptr : found->second;
  }

  static bool is(const Operation* operation, std::string_view type) {
    return operation != nullptr && operation->type == type;
  }

  std::optional<float> number(const Operation& operation, const char* parameter) const {
    const Value* value = constants_.find(operation, parameter);
    if (value == nullptr || element_count(value->type.shape) != 1 ||
        (value->type.element != DataType::kFp16 && value->type.element != DataType::kFp32))
      return std::nullopt;
    return NumberView(package_, *value)[0];
  }

  std::optional<float> of_root(const Operation& root) const {
    const Operation* x = maker(root, "x");
    if (is(x, "reduce_mean")) return root.type == "rsqrt" ? number(root, "epsilon") : std::nullopt;
    if (!is(x, "add")) return std::nullopt;
    for (const auto& [mean, other] : {std::pair("x", "y"), std::pair("y", "x")}) {
      if (!is(maker(*x, mean), "reduce_mean")) continue;
      if (const auto epsilon = number(*x, other)) return epsilon;
      return of_square(maker(*x, other));
    }
    return std::nullopt;
  }

  std::optional<float> of_square(const Operation* square) const {
    const Operation* product = is(square, "square") ? maker(*square, "x") : nullptr;
    if (!is(product, "mul")) return std::nullopt;
    for (const auto& [inverse, other] : {std::pair("x", "y"), std::pair("y", "x")}) {
      if (!is(maker(*product, inverse), "inverse")) continue;
      if (const auto root = number(*product, other)) return *root * *root;
    }
    return std::nullopt;
  }

  const Package& package_;
  const Constants& constants_;
  std::map<std::string_view, const Operation*> makers_;
};

class Comparison {
 public:
  template <typename Found, typename Wanted>
  void same(std::string field, const Found& found, const Wanted& wanted) {
    std::string text = fmt::format("{}", found);
    std::string wanted_text = fmt::format("{}", wanted);
    if (text != wanted_text)
      differences_.push_back({std::move(field), std::move(text), std::move(wanted_text)});
  }
  template <typename Wanted>
  void same(std::string field, const std::optional<std::int64_t>& found, const Wanted& wanted) {
    if (found) same(std::move(field), *found, wanted);
  }

  std::vector<ContractDifference> take() && { return std::move(differences_); }

 private:
  std::vector<ContractDifference> differences_;
};

}  // namespace

Result<PackageShape> read_package_shape(const Package& package) {
  const Program& program = package.model().program;
  const auto has = [&](std::string_view input, std::string_view output) {
    return find(program.inputs, input) != nullptr && find(program.outputs, output) != nullptr;
  };
  if (!has("x", "hidden") && !has("hidden", "logits")) {
    return invalid_input(fmt::format(
        "program: found the inputs {} and the outputs {}, want x and hidden, or hidden and logits",
        names_of(program.inputs), names_of(program.outputs)));
  }
  Result<PackageShape> shape = has("x", "hidden") ? read_layers(program) : read_head(program);
  if (!shape) return shape;
  const Constants constants(program);
  shape->encoding = common_encoding(package, constants);
  shape->rms_norm_eps = EpsilonReader(package, constants).common();
  return shape;
}

std::vector<ContractDifference> compare_package(const PackageShape& found, const Contract& contract,
                                                const ShardIdentity& identity) {
  Comparison compare;
  const auto* layers = std::get_if<LayersShape>(&found.part);
  const auto* head = std::get_if<HeadShape>(&found.part);
  const auto* segment = std::get_if<Segment>(&identity.kind);
  const auto* slice = std::get_if<HeadSlice>(&identity.kind);
  if ((layers == nullptr || segment == nullptr) && (head == nullptr || slice == nullptr)) {
    compare.same("kind", layers != nullptr ? "layers" : "a head", to_text(identity.kind));
    return std::move(compare).take();
  }
  compare.same("d_model", found.d_model, contract.d_model);
  if (layers != nullptr) {
    compare.same("n_heads", layers->n_heads, contract.n_heads);
    compare.same("n_kv_heads", layers->n_kv_heads, contract.n_kv_heads);
    compare.same("d_head", layers->d_head, contract.d_head);
    compare.same("rope_dim", layers->rope_dim, contract.rope_dim);
    compare.same("d_ff", layers->d_ff, contract.d_ff);
  }
  // Not the other way round: what is no number differs.
  if (found.rms_norm_eps &&
      !(std::abs(*found.rms_norm_eps - contract.rms_norm_eps) <= 0.01F * contract.rms_norm_eps)) {
    compare.same("rms_norm_eps", *found.rms_norm_eps, contract.rms_norm_eps);
  }
  if (layers != nullptr) compare.same("n_layers", layers->layers, segment->layers());
  compare.same("tokens", found.tokens, identity.tokens);
  if (layers != nullptr) {
    compare.same("context", layers->context, identity.context);
    compare.same("kv_form", to_text(layers->kv_form), to_text(identity.kv_form));
  }
  compare.same("encoding", found.encoding ? to_text(*found.encoding) : "none that is known",
               to_text(identity.encoding));
  if (head != nullptr)
    compare.same("vocab_rows", head->vocab_rows, slice->vocab_end - slice->vocab_begin);
  return std::move(compare).take();
}

}  // namespace fusesweep

#include "tests/support/altered_package.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/base/fp16.h"
#include "runners/mlprogram/operations.h"
#include "runners/mlprogram/program_builder.h"
#include "runners/mlprogram/quantize.h"
#include "runners/mlprogram/weight_file.h"
#include "runners/model/gguf_weights.h"

namespace fusesweep {
namespace {

// Calls visit with every value of the program.
template <typename P, typename Visit>
void for_each_value(P& program, const Visit& visit) {
  for (auto& operation : program.operations) {
    for (auto& [name, value] : operation.attributes) visit(value);
    for (auto& [parameter, arguments] : operation.inputs) {
      for (auto& argument : arguments) {
        if (auto* value = std::get_if<Value>(&argument)) visit(*value);
      }
    }
  }
}

void change_halves(std::span<char> elements, const auto& change) {
  for (std::size_t at = 0; at < elements.size(); at += sizeof(std::uint16_t)) {
    std::uint16_t half = 0;
    std::memcpy(&half, &elements[at], sizeof half);
    half = change(half);
    std::memcpy(&elements[at], &half, sizeof half);
  }
}

// What holds the fp16 numbers of a weight: its scale, or itself.
Value& halves_of(Operation& weight) {
  if (weight.type == "const") return weight.attributes.at("val");
  if (weight.type == "constexpr_affine_dequantize") return weight.attributes.at("scale");
  return std::get<Value>(weight.inputs.at("scale").front());
}

std::string layer_name(int layer, std::string_view what) {
  return fmt::format("layers_{}_{}", layer, what);
}

int layers_of(const Program& program) { return static_cast<int>(program.states.size() / 2); }

std::filesystem::path build(const ModelFile& model, const ShardIdentity& asked,
                            const std::filesystem::path& artifacts) {
  const SystemClock clock;
  Progress progress({}, clock);
  const auto artifact = build_shard(model, shard_of(model, asked), artifacts, {}, progress);
  FUSESWEEP_CHECK(artifact);
  return artifact->path();
}

// Puts convolutions of some rows each, and a concat of what they give, in the place of one.
class ConvolutionSplitter {
 public:
  ConvolutionSplitter(AlteredPackage& package, const ModelFile& model)
      : package_(package), model_(model) {}

  void split(const std::string& name, const std::string& tensor, const std::vector<int>& rows) {
    const Operation whole = package_.operation(name);
    const std::uint64_t columns = package_.operation(name + "_weight").outputs[0].type.shape[1];
    const std::size_t at = package_.index_of(name);
    std::vector<Operation> added;
    Operation joined{
        .type = "concat", .name = name, .inputs = {}, .attributes = {}, .outputs = whole.outputs};
    std::size_t begin = 0;
    for (const int count : rows) {
      const auto n = static_cast<std::size_t>(count);
      const std::string part = fmt::format("{}_from_{}", name, begin);
      added.push_back(quantized(part + "_weight", tensor, begin, n, columns));
      Operation convolution = whole;
      convolution.name = part;
      convolution.inputs["weight"] = {added.back().outputs[0].name};
      convolution.outputs[0].name = part;
      convolution.outputs[0].type.shape[1] = n;
      added.push_back(std::move(convolution));
      joined.inputs["values"].emplace_back(part);
      begin += n;
    }
    for (const auto& [parameter, value] :
         {std::pair("axis", integer(1)), std::pair("interleave", truth(false))}) {
      Operation constant{.type = "const", .name = fmt::format("{}_{}", name, parameter)};
      constant.attributes.emplace("val", value);
      constant.outputs.push_back({constant.name, value.type});
      joined.inputs[parameter].emplace_back(constant.name);
      added.push_back(std::move(constant));
    }
    added.push_back(std::move(joined));
    auto& operations = package_.program().operations;
    operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(at));
    operations.insert(operations.begin() + static_cast<std::ptrdiff_t>(at), added.begin(),
                      added.end());
    std::erase_if(operations,
                  [&](const Operation& operation) { return operation.name == name + "_weight"; });
  }

 private:
  Operation quantized(const std::string& name, const std::string& tensor_name, std::size_t begin,
                      std::size_t rows, std::uint64_t columns) {
    const GgufTensor& tensor = *model_.file.find_tensor(tensor_name);
    std::vector<float> weights(rows * columns);
    for (std::size_t row = 0; row < rows; ++row)
      read_row(tensor, begin + row, std::span(weights).subspan(row * columns, columns));
    const float scale = int8_scale(largest_magnitude(weights).value());
    std::vector<std::int8_t> q(weights.size());
    quantize(weights, scale, q);
    const Value elements =
        package_.stored({DataType::kInt8, {rows, columns, 1, 1}}, std::string(q.begin(), q.end()));
    Operation operation{.type = "constexpr_affine_dequantize", .name = name};
    operation.attributes = {{"quantized_data", elements},
                            {"zero_point", {{DataType::kInt8, {}}, std::string(1, '\0')}},
                            {"scale", half(scale)},
                            {"axis", integer(0)}};
    operation.outputs.push_back({name, {DataType::kFp16, elements.type.shape}});
    return operation;
  }

  AlteredPackage& package_;
  const ModelFile& model_;
};

}  // namespace

AlteredPackage::AlteredPackage(const std::filesystem::path& package) {
  const Result<Package> whole = Package::open(package);
  FUSESWEEP_CHECK(whole);
  program_ = whole->model().program;
  for_each_value(program_, [&](const Value& value) {
    const auto* blob = std::get_if<BlobReference>(&value.content);
    if (blob == nullptr) return;
    const std::span<const std::byte> bytes = whole->blob(value);
    std::string& elements = blobs_[blob->offset];
    elements.resize(bytes.size());
    std::memcpy(elements.data(), bytes.data(), bytes.size());
  });
}

std::size_t AlteredPackage::index_of(std::string_view name) const {
  const auto& operations = program_.operations;
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [&](const Operation& one) { return one.name == name; });
  FUSESWEEP_CHECK(found != operations.end());
  return static_cast<std::size_t>(found - operations.begin());
}

Operation& AlteredPackage::operation(std::string_view name) {
  return program_.operations[index_of(name)];
}

std::span<char> AlteredPackage::elements(Value& value) {
  if (auto* text = std::get_if<std::string>(&value.content)) return *text;
  return blobs_.at(std::get<BlobReference>(value.content).offset);
}

Value AlteredPackage::stored(TensorType type, std::string elements) {
  FUSESWEEP_CHECK(elements.size() == stored_bytes(type));
  const std::uint64_t offset = blobs_.empty() ? 0 : blobs_.rbegin()->first + 1;
  blobs_.emplace(offset, std::move(elements));
  return {std::move(type), BlobReference{offset}};
}

void AlteredPackage::write(const std::filesystem::path& package) const {
  FUSESWEEP_CHECK(check_types(program_));
  std::filesystem::remove_all(package);
  const auto path = make_weight_folder(package);
  FUSESWEEP_CHECK(path);
  Result<WeightFileWriter> writer = WeightFileWriter::create(*path);
  FUSESWEEP_CHECK(writer);
  Program program = program_;
  std::map<std::uint64_t, BlobReference> written;
  for_each_value(program, [&](Value& value) {
    auto* blob = std::get_if<BlobReference>(&value.content);
    if (blob == nullptr) return;
    const auto [at, is_new] = written.try_emplace(blob->offset);
    if (is_new) {
      const std::string& elements = blobs_.at(blob->offset);
      at->second = writer->add(value.type.element, elements.size());
      writer->write(at->second, 0, std::as_bytes(std::span(elements)));
    }
    *blob = at->second;
  });
  FUSESWEEP_CHECK((*std::move(writer)).commit());
  FUSESWEEP_CHECK(write_package(
      package, {.description = "altered", .notes = {}, .program = std::move(program)}));
}

void scale_weight(AlteredPackage& package, std::string_view weight, float factor) {
  change_halves(package.elements(halves_of(package.operation(weight))),
                [&](std::uint16_t half) { return float_to_fp16(fp16_to_float(half) * factor); });
}

void put_nan(AlteredPackage& package, std::string_view weight) {
  change_halves(package.elements(halves_of(package.operation(weight))).first(2),
                [](std::uint16_t) { return std::uint16_t{0x7E00}; });
}

void swap_layers(AlteredPackage& package, int a, int b) {
  for (const char* what : {"attention_norm_weight", "qkv_weight", "o_weight",
                           "feed_forward_norm_weight", "gate_up_weight", "down_weight"}) {
    Operation& of_a = package.operation(layer_name(a, what));
    Operation& of_b = package.operation(layer_name(b, what));
    std::swap(of_a.attributes, of_b.attributes);
    std::swap(of_a.inputs, of_b.inputs);
  }
}

void mix_tokens_and_channels(AlteredPackage& package) {
  for (int layer = 0; layer < layers_of(package.program()); ++layer) {
    const std::size_t turned = package.index_of(layer_name(layer, "attention_columns"));
    auto& operations = package.program().operations;
    package.operation(layer_name(layer, "attention_out")).inputs["x"] =
        operations[turned].inputs.at("x");
    operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(turned));
  }
}

void add_needless_cast(AlteredPackage& package, int layer) {
  const std::string name = layer_name(layer, "silu");
  const std::string cast_name = name + "_cast";
  Operation constant{.type = "const", .name = cast_name + "_dtype"};
  const Value dtype = text("fp16");
  constant.attributes.emplace("val", dtype);
  constant.outputs.push_back({constant.name, dtype.type});
  Operation cast{.type = "cast", .name = cast_name};
  cast.inputs["x"].emplace_back(name);
  cast.inputs["dtype"].emplace_back(constant.name);
  cast.outputs.push_back({cast_name, package.operation(name).outputs[0].type});
  package.operation(layer_name(layer, "inner")).inputs["x"] = {cast_name};
  auto& operations = package.program().operations;
  const auto after = static_cast<std::ptrdiff_t>(package.index_of(name) + 1);
  operations.insert(operations.begin() + after, {std::move(constant), std::move(cast)});
}

void split_projections(AlteredPackage& package, const ModelFile& model, const Segment& segment) {
  const Contract& c = model.contract;
  const int keys = c.n_kv_heads * c.d_head;
  ConvolutionSplitter splitter(package, model);
  for (int layer = 0; layer < segment.layers(); ++layer) {
    const std::string blk = fmt::format("blk.{}.", segment.begin + layer);
    splitter.split(layer_name(layer, "qkv"), blk + "attn_qkv.weight",
                   {c.n_heads * c.d_head, keys, keys});
    splitter.split(layer_name(layer, "gate_up"), blk + "ffn_up.weight", {c.d_ff, c.d_ff});
  }
}

std::filesystem::path build_with_rope_dim(const std::filesystem::path& file,
                                          const ShardIdentity& asked, int rope_dim,
                                          const std::filesystem::path& artifacts) {
  Result<ModelFile> model = open_model_file(file, 1);
  FUSESWEEP_CHECK(model);
  model->contract.rope_dim = rope_dim;
  return build(*model, asked, artifacts);
}

std::filesystem::path build_shifted_head(const ModelFile& model, const ShardIdentity& asked,
                                         const std::filesystem::path& artifacts) {
  ShardIdentity shifted = asked;
  auto& slice = std::get<HeadSlice>(shifted.kind);
  ++slice.vocab_begin;
  ++slice.vocab_end;
  return build(model, shifted, artifacts);
}

}  // namespace fusesweep

#include "harness/cli/model_inspect_command.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "runners/mlprogram/operation_counts.h"
#include "runners/mlprogram/package.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

Json to_json(const GgufValue& value) {
  if (const auto* array = std::get_if<GgufArray>(&value)) {
    return {{"array_of_type", static_cast<std::uint32_t>(array->element)}, {"count", array->count}};
  }
  if (const auto* n = std::get_if<std::uint64_t>(&value)) return *n;
  if (const auto* n = std::get_if<std::int64_t>(&value)) return *n;
  if (const auto* x = std::get_if<double>(&value)) return *x;
  if (const auto* b = std::get_if<bool>(&value)) return *b;
  return std::get<std::string_view>(value);
}

std::string type_name(const GgufTensor& tensor) {
  return tensor.type != nullptr ? std::string(tensor.type->name)
                                : fmt::format("unknown type {}", tensor.type_id);
}

std::string gguf_json(const GgufFile& file, const Result<Contract>& contract) {
  Json document = json_document(kSchemaVersion);
  document["file"] = file.where();
  document["format"] = "gguf";
  document["gguf_version"] = file.version();
  document["contract"] = contract ? to_json(*contract) : Json(nullptr);
  document["contract_error"] = contract ? Json(nullptr) : Json(contract.error().message);
  Json& metadata = document["metadata"] = Json::object();
  for (const auto& [key, value] : file.metadata()) metadata[std::string(key)] = to_json(value);
  Json& tensors = document["tensors"] = Json::array();
  for (const GgufTensor& tensor : file.tensors()) {
    tensors.push_back(
        {{"name", tensor.name},
         {"type", type_name(tensor)},
         {"shape", tensor.shape},
         {"bytes", tensor.type != nullptr ? Json(tensor.bytes.size()) : Json(nullptr)}});
  }
  return to_text(document) + '\n';
}

std::string gguf_table(const GgufFile& file, const Result<Contract>& contract) {
  std::string text =
      fmt::format("{}: GGUF version {}, {} metadata entries, {} tensors\n\n", file.where(),
                  file.version(), file.metadata().size(), file.tensors().size());
  if (contract) {
    const Json fields = to_json(*contract);
    for (const auto& field : fields.items()) {
      // The lists of rotary factors would fill the screen; --json has them.
      const bool scaling = field.key() == "rope_scaling";
      text += fmt::format(
          "{:<16}  {}\n", field.key(),
          scaling ? fmt::format("factors for contexts up to {} and beyond, attention factor {}",
                                contract->rope_scaling->original_max_seq_len,
                                contract->rope_scaling->attention_factor)
                  : one_line(to_text(field.value())));
    }
  } else {
    text += fmt::format("no contract: {}\n", contract.error().message);
  }
  struct Sum {
    std::size_t tensors = 0;
    std::uint64_t bytes = 0;
  };
  std::map<std::string, Sum> by_type;
  for (const GgufTensor& tensor : file.tensors()) {
    Sum& sum = by_type[type_name(tensor)];
    ++sum.tensors;
    sum.bytes += tensor.bytes.size();
  }
  text += fmt::format("\n{:<16}  {:>7}  {:>12}\n", "type", "tensors", "bytes");
  for (const auto& [name, sum] : by_type) {
    text += fmt::format("{:<16}  {:>7}  {:>12}\n", name, sum.tensors, format_bytes(sum.bytes));
  }
  return text;
}

Json to_json(const std::vector<NamedType>& names) {
  Json array = Json::array();
  for (const auto& [name, type] : names)
    array.push_back({{"name", name}, {"type", to_text(type.element)}, {"shape", type.shape}});
  return array;
}

void add_counts(const OperationCounts& counts, Json& to) {
  to["conv_total"] = counts.conv_total;
  to["compute_total"] = counts.compute_total;
  to["kinds"] = counts.kinds;
}

std::string package_json(const std::string& file, const Package& package) {
  const MlModel& model = package.model();
  Json document = json_document(kSchemaVersion);
  document["file"] = file;
  document["format"] = "mlpackage";
  document["description"] = model.description;
  document["opset"] = model.program.opset;
  document["inputs"] = to_json(model.program.inputs);
  document["states"] = to_json(model.program.states);
  document["outputs"] = to_json(model.program.outputs);
  add_counts(count_operations(model.program), document);
  Json& layers = document["layers"] = Json::array();
  for (const OperationCounts& counts : count_layers(model.program)) {
    Json layer = {{"layer", layers.size()}};
    add_counts(counts, layer);
    layers.push_back(std::move(layer));
  }
  document["notes"] = model.notes;
  return to_text(document) + '\n';
}

std::string package_table(const std::string& file, const Package& package) {
  const Program& program = package.model().program;
  const OperationCounts counts = count_operations(program);
  std::string text =
      fmt::format("{}: {}\n\n", one_line(file), one_line(package.model().description));
  const auto list = [&](std::string_view heading, const std::vector<NamedType>& names) {
    for (const auto& [name, type] : names)
      text += fmt::format("{:<8}  {:<20}  {}\n", heading, one_line(name), to_text(type));
  };
  list("input", program.inputs);
  list("state", program.states);
  list("output", program.outputs);
  text += fmt::format("\n{} compute operations, {} of them convolutions\n", counts.compute_total,
                      counts.conv_total);
  for (const auto& [kind, count] : counts.kinds)
    text += fmt::format("{:<16}  {:>6}\n", one_line(kind), count);
  return text;
}

}  // namespace

Result<std::string> run_model_inspect(const ModelInspectArguments& arguments) {
  std::error_code ignored;  // what there is to say of the path, opening it says
  if (std::filesystem::is_directory(arguments.file, ignored)) {
    const Result<Package> package = Package::open(arguments.file);
    if (!package) return fail(package.error());
    return arguments.json ? package_json(arguments.file, *package)
                          : package_table(arguments.file, *package);
  }
  const Result<GgufFile> file = GgufFile::open(arguments.file);
  if (!file) return fail(file.error());
  const Result<Contract> contract = read_contract(*file);
  return arguments.json ? gguf_json(*file, contract) : gguf_table(*file, contract);
}

}  // namespace fusesweep

#include "runners/mlprogram/package.h"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/mapped_file.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxManifestBytes = 1 << 20;
// A program of 512 layers takes about 12 MiB; parsing takes up to 20 times as much memory.
constexpr std::uint64_t kMaxModelBytes = 64 << 20;

constexpr std::string_view kManifest = "Manifest.json";
constexpr std::string_view kData = "Data";
constexpr std::string_view kModel = "com.apple.CoreML/model.mlmodel";
constexpr std::string_view kWeights = "com.apple.CoreML/weights";
constexpr std::string_view kWeightFile = "weight.bin";
// Any two that differ will do; these never change, so that packages are the same bytes.
constexpr std::string_view kModelId = "8A3B6D10-6F51-4E0B-9C5D-2F1D3C7E0A01";
constexpr std::string_view kWeightsId = "8A3B6D10-6F51-4E0B-9C5D-2F1D3C7E0A02";

Json manifest_item(std::string_view name, std::string_view path, std::string_view description) {
  return {
      {"author", "com.apple.CoreML"}, {"description", description}, {"name", name}, {"path", path}};
}

// The path of the package's model file, from what its manifest says.
Result<std::filesystem::path> find_model(const std::filesystem::path& package) {
  const std::filesystem::path manifest_path = package / kManifest;
  const Result<std::string> text = read_file(manifest_path, kMaxManifestBytes);
  if (!text) return fail(text.error());
  const std::string where = one_line(manifest_path.string());
  const Result<Json> json = parse_json(*text, where);
  if (!json) return fail(json.error());
  JsonReader reader(*json, where);
  const JsonField root = reader.root();
  const JsonField version = root.at("fileFormatVersion");
  if (version.text() != "1.0.0") version.reject(quote(version.text()), "'1.0.0'");
  const JsonField item = root.at("itemInfoEntries").at(root.at("rootModelIdentifier").text());
  const JsonField path_field = item.at("path");
  const std::filesystem::path path = path_field.text();
  bool inside = path.is_relative() && path.has_filename();
  for (const std::filesystem::path& step : path) inside = inside && step != "..";
  if (!inside) path_field.reject(quote(path.string()), "a path inside the package");
  if (reader.error()) return fail(*reader.error());
  return package / kData / path;
}

// Calls visit with every value of the operation.
template <typename Visit>
void for_each_value(const Operation& operation, const Visit& visit) {
  for (const auto& [name, value] : operation.attributes) visit(value);
  for (const auto& [parameter, arguments] : operation.inputs) {
    for (const Argument& argument : arguments) {
      if (const auto* value = std::get_if<Value>(&argument)) visit(*value);
    }
  }
}

bool in_weight_file(const Value& value) {
  return std::holds_alternative<BlobReference>(value.content);
}

bool needs_weights(const Program& program) {
  bool needed = false;
  for (const Operation& operation : program.operations)
    for_each_value(operation,
                   [&](const Value& value) { needed = needed || in_weight_file(value); });
  return needed;
}

}  // namespace

Result<std::filesystem::path> make_weight_folder(const std::filesystem::path& package) {
  std::filesystem::path folder = package / kData / kWeights;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
  return folder / kWeightFile;
}

Result<void> write_package(const std::filesystem::path& package, const MlModel& model) {
  const Json manifest = {
      {"fileFormatVersion", "1.0.0"},
      {"itemInfoEntries",
       {{kModelId, manifest_item("model.mlmodel", kModel, "CoreML Model Specification")},
        {kWeightsId, manifest_item("weights", kWeights, "CoreML Model Weights")}}},
      {"rootModelIdentifier", kModelId}};
  const struct {
    std::filesystem::path path;
    std::string text;
  } files[] = {{package / kData / kModel, encode_ml_model(model)},
               {package / kManifest, to_text(manifest) + '\n'}};
  for (const auto& [path, text] : files) {
    Result<NewFile> file = NewFile::create(path);
    if (!file) return fail(std::move(file).error());
    file->write(text);
    if (auto committed = (*std::move(file)).commit(); !committed) return committed;
  }
  return {};
}

Result<Package> Package::open(const std::filesystem::path& path) {
  const Result<std::filesystem::path> model_path = find_model(path);
  if (!model_path) return fail(model_path.error());
  const Result<std::string> bytes = read_file(*model_path, kMaxModelBytes);
  if (!bytes) return fail(bytes.error());
  Result<MlModel> model =
      decode_ml_model(std::as_bytes(std::span(*bytes)), one_line(model_path->string()));
  if (!model) return fail(std::move(model).error());
  if (!needs_weights(model->program)) return Package(*std::move(model), std::nullopt);
  return join(*std::move(model),
              WeightFile::open(model_path->parent_path() / "weights" / kWeightFile));
}

Result<Package> Package::parse(std::span<const std::byte> model, std::span<const std::byte> weights,
                               std::string_view where) {
  Result<MlModel> decoded = decode_ml_model(model, where);
  if (!decoded) return fail(std::move(decoded).error());
  if (!needs_weights(decoded->program)) return Package(*std::move(decoded), std::nullopt);
  return join(*std::move(decoded), WeightFile::parse(weights, std::string(where)));
}

// Every value that lies in the weight file must be there.
Result<Package> Package::join(MlModel model, Result<WeightFile> weights) {
  if (!weights) return fail(std::move(weights).error());
  Result<void> found;
  for (const Operation& operation : model.program.operations) {
    for_each_value(operation, [&](const Value& value) {
      if (!found || !in_weight_file(value)) return;
      if (const auto blob = weights->find(value); !blob)
        found = fail_with_context(blob.error(), quote(operation.name));
    });
  }
  if (!found) return fail(std::move(found).error());
  return Package(std::move(model), *std::move(weights));
}

std::span<const std::byte> Package::blob(const Value& value) const {
  FUSESWEEP_CHECK(weights_);
  const Result<std::span<const std::byte>> found = weights_->find(value);
  FUSESWEEP_CHECK(found);
  return *found;
}

}  // namespace fusesweep

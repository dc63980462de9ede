#include "runners/mlprogram/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "harness/base/file.h"
#include "runners/mlprogram/shard_builder.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

class PackageTest : public testing::Test {
 protected:
  PackageTest() {
    write_small_model(folder_.path() / "small.gguf");
    const ModelFile model = *open_model_file(folder_.path() / "small.gguf", 1);
    const SystemClock clock;
    Progress progress({}, clock);
    package_ =
        build_shard(model, shard_of(model, {.kind = Segment{0, 1}, .tokens = 1, .context = 8}),
                    folder_.path() / "artifacts", {}, progress)
            ->path();
  }

  std::filesystem::path in_package(const char* name) const { return package_ / name; }

  static void replace(const std::filesystem::path& path, const std::string& from,
                      const std::string& to) {
    std::string text = read_file(path, 1 << 24).value();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    std::ofstream(path, std::ios::binary) << text.replace(at, from.size(), to);
  }

  const TemporaryFolder folder_;
  std::filesystem::path package_;
};

constexpr const char* kManifest = "Manifest.json";
constexpr const char* kModel = "Data/com.apple.CoreML/model.mlmodel";
constexpr const char* kWeights = "Data/com.apple.CoreML/weights/weight.bin";

TEST_F(PackageTest, HoldsTheModelItsWeightsAndItsContract) {
  const Result<Package> package = Package::open(package_);
  ASSERT_TRUE(package) << package.error().message;
  const MlModel& model = package->model();
  EXPECT_EQ(model.description, "layers[0,1) of small.gguf, int8");
  EXPECT_THAT(model.notes.at("fusesweep.contract"), HasSubstr("\"rope_dim\":8"));
  EXPECT_EQ(model.program.inputs.size(), 5U);
  EXPECT_EQ(model.program.outputs[0].name, "hidden");
  EXPECT_EQ(model.program.opset, "CoreML8");
}

TEST_F(PackageTest, WhatIsMissingOrChangedIsNamed) {
  const struct {
    const char* name;
    std::function<void()> spoil;
    const char* message;
  } rows[] = {
      {"another format", [&] { replace(in_package(kManifest), "1.0.0", "2.0.0"); },
       "Manifest.json.fileFormatVersion: found '2.0.0', want '1.0.0'"},
      {"a root that is not there",
       [&] {
         replace(in_package(kManifest), "rootModelIdentifier\":\"8A", "rootModelIdentifier\":\"9A");
       },
       "Manifest.json.itemInfoEntries"},
      {"a path out of the package",
       [&] {
         replace(in_package(kManifest), "com.apple.CoreML/model", "../../../../etc/passwd/model");
       },
       "want a path inside the package"},
      {"no manifest", [&] { std::filesystem::remove(in_package(kManifest)); },
       "Manifest.json: No such file"},
      {"no model", [&] { std::filesystem::remove(in_package(kModel)); },
       "model.mlmodel: No such file"},
      {"no weights", [&] { std::filesystem::remove(in_package(kWeights)); },
       "weight.bin: No such file"},
      {"short weights", [&] { std::filesystem::resize_file(in_package(kWeights), 4000); },
       "past the end"},
      {"weights of another kind",
       [&] { replace(in_package(kWeights), "\xEF\xBE\xAD\xDE", "dead"); },
       "'layers_0_attention_norm_weight': "},
      {"a model that is none", [&] { std::ofstream(in_package(kModel)) << "not protobuf"; },
       "model.mlmodel: the file: found 12 bytes, want a CoreML model"},
      {"an empty model", [&] { std::filesystem::resize_file(in_package(kModel), 0); },
       "found a model of another kind, want an ML Program"},
  };
  const std::filesystem::path whole = folder_.path() / "whole";
  std::filesystem::copy(package_, whole, std::filesystem::copy_options::recursive);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::filesystem::remove_all(package_);
    std::filesystem::copy(whole, package_, std::filesystem::copy_options::recursive);
    ASSERT_TRUE(Package::open(package_));
    row.spoil();
    const Result<Package> package = Package::open(package_);
    ASSERT_FALSE(package);
    EXPECT_EQ(package.error().code, ErrorCode::kInvalidInput);
    EXPECT_THAT(package.error().message, HasSubstr(row.message));
    EXPECT_EQ(package.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace fusesweep

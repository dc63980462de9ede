// The runtime manifest: the file that tells a runtime which shards make up a model, in which order,
// and the model's contract. Field names are those that the existing Swift runtime reads; what it does
// not know stands in a member "fusesweep", which it passes over.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

// A file of the model, as the manifest names it: relative to the manifest's folder.
struct ManifestShard {
  ShardKind kind;            // a segment or a slice of the head
  std::string compiled;      // NAME.mlmodelc, which only a Mac can make
  std::string package;       // NAME.mlpackage
  std::string artifact;      // identity hash; empty when another tool built it
  std::string content_hash;  // of the package; empty when it is not known

  bool operator==(const ManifestShard&) const = default;
};

struct RuntimeManifest {
  Contract contract;
  std::string model;       // name of the GGUF file
  std::string model_hash;  // empty when it is not known
  int context = 0;         // positions of the KV cache: max_seq_len in the file
  Encoding encoding = Encoding::kInt8;
  std::string embedding;
  std::vector<ManifestShard> layers;  // in order, together all layers
  std::vector<ManifestShard> head;    // in order, together the vocabulary

  bool operator==(const RuntimeManifest&) const = default;
};

Json to_json(const RuntimeManifest& manifest);

// "16_8_6_2": the lengths of the layer shards, for file names.
std::string lengths_of(const RuntimeManifest& manifest);

// Whether paths that leave the manifest's folder (absolute ones, "..", links) are followed.
enum class OutsidePaths { kRefuse, kFollow };

// Reads a manifest that anybody wrote. What passes covers all layers and the whole vocabulary without
// gap or overlap, states the same contract everywhere that it states one, and names files that are
// there: a package, or its compiled form, and an embedding table of the contract's size. Errors name the file and the field.
Result<RuntimeManifest> read_runtime_manifest(const std::filesystem::path& path,
                                              OutsidePaths outside);

// The same from text, without a look at the files; `where` begins the message of an error.
Result<RuntimeManifest> parse_runtime_manifest(std::string_view text, std::string_view where);

}  // namespace fusesweep

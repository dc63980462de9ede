// What was built: the folder <artifacts>/<identity hash>, which holds a package or the embedding
// table, and artifact.json, the index of what is there. A folder of that name is always whole
// (NewFolder), and whether its bytes are still those that were built, check_content tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

// What a compiler made of a package, beside it in the same folder.
struct CompiledForm {
  std::string name;          // "layers_0_16.mlmodelc": always with that ending
  std::uint64_t bytes = 0;   // of all files in it
  std::string content_hash;  // hash_tree of it

  bool operator==(const CompiledForm&) const = default;
};

struct Artifact {
  std::filesystem::path folder;
  ShardIdentity identity;
  Contract contract;
  std::string model;                     // name of the file that it was built from
  std::string name;                      // of the package or file inside the folder
  std::uint64_t bytes = 0;               // of all files in the package
  std::string content_hash;              // hash_tree of the package: 32 hexadecimal digits
  std::optional<CompiledForm> compiled;  // as whoever compiled it wrote it down
  bool has_package = true;               // false: removed, for the compiled form is what runs

  std::filesystem::path path() const { return folder / name; }
};

// What the package or file of a kind of shard is called in its folder: "layers_0_16.mlpackage". The
// folder's name tells apart what differs in other ways.
std::string name_of(const ShardKind& kind);

// Writes artifact.json into a folder that is being made.
Result<void> write_artifact(const Artifact& artifact, const std::filesystem::path& folder);

// Reads artifact.json, taken for hostile. The folder's name must be the identity's hash and the
// contract's hash the identity's; what lies beside it is not looked at.
Result<Artifact> read_artifact(const std::filesystem::path& folder);

// The artifacts in a folder, by folder name; those that are damaged are left out. A folder that is
// not there has none.
std::vector<Artifact> list_artifacts(const std::filesystem::path& artifacts);

// The builder version of packages that somebody else made: none of ours has it.
inline constexpr int kAdoptedVersion = 0;

// Takes in somebody else's package as the shard that the identity describes, with kAdoptedVersion: the
// folder <artifacts>/<hash> then holds its files and artifact.json, as for one that was built, and
// replaces what was adopted under that identity before. Files are linked where the file system can, so
// that large ones cost nothing; who alters the original afterwards alters both, and check_content tells.
// Whether the package is what it is taken for is not looked at (package_shape.h, weight_check.h).
// Errors: no folder; a link or a device in it, for nothing outside is to be reached through it.
// REQUIRES: layers or a head; the contract is the one of identity.contract_hash.
Result<Artifact> adopt_package(const std::filesystem::path& package, const ShardIdentity& identity,
                               const Contract& contract, const std::string& model_name,
                               const std::filesystem::path& artifacts, int threads);

// The same artifact once more, <artifacts>/<hash>: its files are links to the same bytes where the file
// system can.  Errors: there is one already; a link or a device in it.
Result<void> link_artifact(const Artifact& artifact, const std::filesystem::path& artifacts);

// Whether the package's bytes are those that were built or adopted; of one that was removed, whether those
// of its compiled form are those that were compiled. The error says what was found.
Result<void> check_content(const Artifact& artifact, int threads);

// The same of the compiled form, whether or not there still is a package.  REQUIRES: there is such a form.
Result<void> check_compiled(const Artifact& artifact, int threads);

// Writes into artifact.json that the folder holds a compiled form of that name, with its size and hash.
Result<void> note_compiled(Artifact artifact, const std::string& name, int threads);

// Writes into artifact.json that there is no package any more, before whoever removes it does. Name, bytes and
// hash stay, since verdicts speak of them. Whoever needs the package builds it again.
// REQUIRES: there is a compiled form.
Result<void> note_package_removed(Artifact artifact);

}  // namespace fusesweep

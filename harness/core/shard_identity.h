// What a shard is, before anybody builds it: everything that its bytes depend on. Two builds with
// the same identity are the same artifact, and its hash names the folder where it is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/encoding.h"
#include "harness/core/segment.h"

namespace fusesweep {

// Rows [vocab_begin, vocab_end) of the output matrix: one slice of the LM head.
struct HeadSlice {
  int vocab_begin = 0;
  int vocab_end = 0;
  int of = 1;  // slices that the head is cut into

  bool operator==(const HeadSlice&) const = default;
};

// The table that the host looks embeddings up in: fp16, row-major [vocab_size, d_model]. It belongs
// to the model alone, and every split shares it.
struct EmbeddingTable {
  bool operator==(const EmbeddingTable&) const = default;
};

using ShardKind = std::variant<Segment, HeadSlice, EmbeddingTable>;

std::string to_text(const ShardKind& kind);  // "layers[0,16)", "head[0,100032) of 2", "embedding"

// The slices of a head cut into `count`: ceil(vocab_size / count) rows each, the last with what is
// left.  The error says what was found and wanted when that leaves a slice without rows; the caller
// adds where.
Result<std::vector<HeadSlice>> head_slices(const Contract& contract, int count);

// How the KV cache is updated: by a mask over all positions, as the existing runtime feeds it, or
// by slice_update at an index.
enum class KvForm { kMask, kSlice };

std::string_view to_text(KvForm form);  // "mask", "slice"
Result<KvForm> parse_kv_form(std::string_view text);

struct ShardIdentity {
  std::string model_hash;  // of the model file, hexadecimal
  std::string contract_hash;
  ShardKind kind;
  int builder_version = 0;
  // Of segments and head slices.
  int tokens = 0;  // per call
  Encoding encoding = Encoding::kInt8;
  // Of segments.
  int context = 0;  // positions of the KV cache
  KvForm kv_form = KvForm::kMask;

  bool operator==(const ShardIdentity&) const = default;
};

// Without members for what does not apply to the kind.
Json to_json(const ShardIdentity& identity);

// Reads what to_json writes; errors go to the field's reader, and the result means nothing after
// one.
ShardIdentity read_shard_identity(const JsonField& field);

// The name of the artifact: 32 hexadecimal digits.
std::string hash_of(const ShardIdentity& identity);

std::string hash_of(const Contract& contract);

}  // namespace fusesweep

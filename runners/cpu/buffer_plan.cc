#include "runners/cpu/buffer_plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "runners/cpu/huge_memory.h"
#include "runners/mlprogram/constants.h"
#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

constexpr std::size_t kToTheEnd = ~std::size_t{0};

using Updates = std::map<std::size_t, CacheUpdate>;

class Planner {
 public:
  Planner(const Program& program, const Updates& updates) : program_(program), constants_(program) {
    for (const auto& [index, update] : updates) {
      in_place_reads_.insert(update.read);
      if (update.form == CacheUpdate::Form::kSlice) {
        in_place_updates_.insert(index);
      } else {
        // Done together, where the last of them stands.
        for (const std::size_t part : {update.read, update.keep, update.product})
          done_at_[part] = index;
      }
    }
    for (std::size_t i = 0; i < program_.operations.size(); ++i) {
      const Operation& operation = program_.operations[i];
      if (operation.type == "write_state")
        last_write_[std::get<std::string>(operation.inputs.at("input").front())] = i;
      for (const auto& [parameter, arguments] : operation.inputs) {
        if (operation.type == "matmul" && parameter == "y" && !done_at_.contains(i)) continue;
        for (const Argument& argument : arguments) {
          if (const auto* name = std::get_if<std::string>(&argument)) read_as_floats_.insert(*name);
        }
      }
    }
    for (const NamedType& output : program_.outputs) read_as_floats_.insert(output.name);
  }

  BufferPlan plan() && {
    for (const NamedType& input : program_.inputs)
      plan_.tensors[input.name] = {add(Block::Kind::kInput, input.type), 0, input.type};
    for (const NamedType& state : program_.states)
      plan_.states[state.name] = {
          .block = add(Block::Kind::kState, state.type), .type = state.type, .is_half = true};
    for (std::size_t i = 0; i < program_.operations.size(); ++i) place_outputs(i);
    for (const NamedType& output : program_.outputs) {
      const auto tensor = plan_.tensors.find(output.name);
      if (tensor != plan_.tensors.end()) plan_.blocks[tensor->second.block].last = kToTheEnd;
    }
    share_memory();
    return std::move(plan_);
  }

 private:
  std::size_t add(Block::Kind kind, const TensorType& type) {
    const std::uint64_t bytes =
        kind == Block::Kind::kState ? stored_bytes(type) : memory_bytes(type);
    Block block{.kind = kind, .bytes = with_padding(bytes)};
    if (kind != Block::Kind::kScratch) {
      std::uint64_t& end = kind == Block::Kind::kInput ? plan_.input_bytes : plan_.state_bytes;
      block.offset = end;
      end += block.bytes;
    }
    plan_.blocks.push_back(block);
    return plan_.blocks.size() - 1;
  }

  const PlacedTensor* argument(const Operation& operation, const char* parameter) const {
    const auto found = operation.inputs.find(parameter);
    if (found == operation.inputs.end()) return nullptr;
    const auto* name = std::get_if<std::string>(&found->second.front());
    const auto tensor = name == nullptr ? plan_.tensors.end() : plan_.tensors.find(*name);
    return tensor == plan_.tensors.end() ? nullptr : &tensor->second;
  }

  // Where the outputs begin in memory that is there already, if they do.
  std::optional<PlacedTensor> alias(std::size_t index) const {
    const Operation& operation = program_.operations[index];
    const std::string_view type = operation.type;
    if (type == "read_state") {
      const auto& state = std::get<std::string>(operation.inputs.at("input").front());
      const auto write = last_write_.find(state);
      const bool is_written_later = write != last_write_.end() && write->second > index;
      if (!in_place_reads_.contains(index) &&
          (is_written_later || read_as_floats_.contains(operation.outputs.front().name)))
        return std::nullopt;
      return plan_.states.find(state)->second;
    }
    const PlacedTensor* x = argument(operation, "x");
    if (x == nullptr) return std::nullopt;
    if (type == "reshape" || type == "expand_dims" || type == "squeeze" || type == "identity" ||
        in_place_updates_.contains(index))
      return *x;
    const auto& outputs = operation.outputs;
    if (type == "transpose" && keeps_order(x->type.shape, outputs[0].type.shape, operation))
      return *x;
    if (type == "split" && is_cut_in_order(x->type.shape, outputs[0].type.shape)) return *x;
    return std::nullopt;
  }

  // Whether a transpose moves only dimensions of 1.
  bool keeps_order(const std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& to,
                   const Operation& operation) const {
    const auto without_ones = [](std::vector<std::uint64_t> shape) {
      std::erase(shape, 1U);
      return shape;
    };
    const std::vector<std::uint64_t> left = without_ones(from);
    if (left.size() <= 1) return true;
    if (left != without_ones(to)) return false;
    // Equal sizes may hide a swap, so the permutation itself is asked.
    std::vector<std::int64_t> order = integers_of(*constants_.find(operation, "perm")).value();
    for (std::int64_t& axis : order) axis += axis < 0 ? static_cast<std::int64_t>(from.size()) : 0;
    std::erase_if(order,
                  [&](std::int64_t axis) { return from[static_cast<std::size_t>(axis)] == 1; });
    return std::is_sorted(order.begin(), order.end());
  }

  // Parts of the first dimension that is not 1 lie one after the other.
  static bool is_cut_in_order(const std::vector<std::uint64_t>& whole,
                              const std::vector<std::uint64_t>& part) {
    const auto [cut, unused] = std::mismatch(whole.begin(), whole.end(), part.begin());
    return std::all_of(whole.begin(), cut, [](std::uint64_t n) { return n == 1; });
  }

  void place_outputs(std::size_t index) {
    const Operation& operation = program_.operations[index];
    if (!is_compute(operation)) return;
    const auto at = done_at_.find(index);
    const std::size_t when = at == done_at_.end() ? index : at->second;
    for (const auto& [parameter, arguments] : operation.inputs) {
      for (const Argument& argument : arguments) {
        const auto* name = std::get_if<std::string>(&argument);
        const auto tensor = name == nullptr ? plan_.tensors.end() : plan_.tensors.find(*name);
        if (tensor == plan_.tensors.end()) continue;
        Block& block = plan_.blocks[tensor->second.block];
        block.last = std::max(block.last, when);
      }
    }
    std::optional<PlacedTensor> inside = alias(index);
    for (const NamedType& output : operation.outputs) {
      if (inside) {
        plan_.tensors[output.name] = {inside->block, inside->offset, output.type, true,
                                      inside->is_half};
        inside->offset += memory_bytes(output.type);
      } else {
        const std::size_t block = add(Block::Kind::kScratch, output.type);
        plan_.blocks[block].first = index;
        plan_.blocks[block].last = when;
        plan_.tensors[output.name] = {block, 0, output.type};
      }
    }
  }

  // Each block, in the order in which they are written, takes the first gap between those that are
  // alive then.
  void share_memory() {
    std::vector<Block*> alive;  // by offset
    for (Block& block : plan_.blocks) {
      if (block.kind != Block::Kind::kScratch) continue;
      std::erase_if(alive, [&](const Block* other) { return other->last < block.first; });
      std::uint64_t offset = 0;
      auto place = alive.begin();
      while (place != alive.end() && (*place)->offset < offset + block.bytes) {
        offset = std::max(offset, (*place)->offset + (*place)->bytes);
        ++place;
      }
      block.offset = offset;
      alive.insert(place, &block);
      plan_.scratch_bytes = std::max(plan_.scratch_bytes, offset + block.bytes);
    }
  }

  const Program& program_;
  const Constants constants_;
  std::map<std::string_view, std::size_t> last_write_;  // of each state
  // Values that something else reads than products of matrices, which can read their second one as
  // fp16.
  std::set<std::string_view> read_as_floats_;
  std::set<std::size_t> in_place_reads_;
  std::set<std::size_t> in_place_updates_;
  std::map<std::size_t, std::size_t> done_at_;
  BufferPlan plan_;
};

}  // namespace

std::uint64_t memory_bytes(const TensorType& type) {
  return element_count(type.shape) * sizeof(float);
}

BufferPlan plan_buffers(const Program& program, const std::map<std::size_t, CacheUpdate>& updates) {
  return Planner(program, updates).plan();
}

}  // namespace fusesweep

#include "runners/cpu/buffer_plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "harness/base/check.h"
#include "runners/cpu/huge_memory.h"
#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

constexpr std::size_t kToTheEnd = ~std::size_t{0};

using Updates = std::map<std::size_t, CacheUpdate>;

std::uint64_t stored_bytes(const TensorType& type) {
  return element_count(type.shape) * element_bytes(type.element);
}

class Planner {
 public:
  Planner(const Program& program, const Updates& updates) : program_(program) {
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
  }

  BufferPlan plan() && {
    for (const NamedType& input : program_.inputs)
      plan_.tensors[input.name] = {add(Block::Kind::kInput, input.type), 0, input.type};
    for (const NamedType& state : program_.states)
      plan_.states[state.name] = add(Block::Kind::kState, state.type);
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

  bool written_later(const std::string& state, std::size_t after) const {
    for (std::size_t i = after + 1; i < program_.operations.size(); ++i) {
      const Operation& operation = program_.operations[i];
      if (operation.type == "write_state" &&
          operation.inputs.at("input").front() == Argument(state))
        return true;
    }
    return false;
  }

  // Products of matrices can read their second one as fp16.
  bool is_read_by_products_only(std::size_t index) const {
    const Argument value(program_.operations[index].outputs.front().name);
    for (const NamedType& output : program_.outputs) {
      if (Argument(output.name) == value) return false;
    }
    for (const Operation& operation : program_.operations) {
      for (const auto& [parameter, arguments] : operation.inputs) {
        if (std::find(arguments.begin(), arguments.end(), value) == arguments.end()) continue;
        if (operation.type != "matmul" || parameter != "y") return false;
      }
    }
    return true;
  }

  // Where the outputs begin in memory that is there already, if they do.
  std::optional<PlacedTensor> alias(std::size_t index) const {
    const Operation& operation = program_.operations[index];
    const std::string_view type = operation.type;
    if (type == "read_state") {
      const auto& state = std::get<std::string>(operation.inputs.at("input").front());
      if (!in_place_reads_.contains(index) &&
          (written_later(state, index) || !is_read_by_products_only(index)))
        return std::nullopt;
      return PlacedTensor{.block = plan_.states.find(state)->second, .is_half = true};
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
    const auto& perm = operation.inputs.at("perm").front();
    const Value* constant = std::get_if<Value>(&perm);
    if (constant == nullptr) {
      for (const Operation& other : program_.operations) {
        if (other.type == "const" && other.outputs[0].name == std::get<std::string>(perm))
          constant = &other.attributes.at("val");
      }
    }
    std::vector<std::int64_t> order = integers_of(*constant).value();
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

#include "runners/cpu/cache_update.h"

#include <optional>
#include <string_view>
#include <vector>

#include "runners/mlprogram/operation_reader.h"

namespace fusesweep {
namespace {

// Who makes and who uses each value.
class Uses {
 public:
  explicit Uses(const Program& program) : program_(program) {
    for (std::size_t i = 0; i < program.operations.size(); ++i) {
      const Operation& operation = program.operations[i];
      for (const NamedType& output : operation.outputs) maker_[output.name] = i;
      if (operation.type == "write_state") ++writes_[argument(i, "input")];
      for (const auto& [parameter, arguments] : operation.inputs) {
        for (const Argument& argument : arguments) {
          if (const auto* name = std::get_if<std::string>(&argument)) users_[*name].push_back(i);
        }
      }
    }
    for (const NamedType& output : program.outputs) users_[output.name].push_back(kOutside);
  }

  const Operation& at(std::size_t index) const { return program_.operations[index]; }

  // The operation of that type that makes the value, if that is what makes it.
  std::optional<std::size_t> maker(const std::string& value, std::string_view type) const {
    const auto found = maker_.find(value);
    if (found == maker_.end() || at(found->second).type != type) return std::nullopt;
    return found->second;
  }

  bool is_written_once(const std::string& state) const { return writes_.at(state) == 1; }

  // The only user of an operation's only output.
  std::optional<std::size_t> only_user(std::size_t index) const {
    const auto& outputs = at(index).outputs;
    if (outputs.size() != 1) return std::nullopt;
    const auto found = users_.find(outputs.front().name);
    if (found == users_.end() || found->second.size() != 1 || found->second.front() == kOutside)
      return std::nullopt;
    return found->second.front();
  }

  // What an operation gets by name; empty when it is a constant on the spot, or nothing.
  std::string argument(std::size_t index, const char* parameter) const {
    const auto found = at(index).inputs.find(parameter);
    if (found == at(index).inputs.end() || found->second.size() != 1) return {};
    const auto* name = std::get_if<std::string>(&found->second.front());
    return name == nullptr ? std::string() : *name;
  }

  // The elements of a parameter that is a constant.
  template <typename Elements>
  Elements constant(std::size_t index, const char* parameter,
                    std::optional<Elements> (*elements)(const Value&)) const {
    const auto found = at(index).inputs.find(parameter);
    if (found == at(index).inputs.end() || found->second.size() != 1) return {};
    const Argument& argument = found->second.front();
    if (const auto* value = std::get_if<Value>(&argument))
      return elements(*value).value_or(Elements{});
    const auto made = maker(std::get<std::string>(argument), "const");
    return made ? elements(at(*made).attributes.at("val")).value_or(Elements{}) : Elements{};
  }

  // Of a commutative operation: the argument that is no constant, when the other is this number.
  std::string beside(std::size_t index, float number) const {
    if (constant(index, "y", floats_of) == std::vector{number}) return argument(index, "x");
    if (constant(index, "x", floats_of) == std::vector{number}) return argument(index, "y");
    return {};
  }

 private:
  static constexpr std::size_t kOutside = ~std::size_t{0};

  const Program& program_;
  std::map<std::string, std::size_t> maker_;
  std::map<std::string, std::vector<std::size_t>> users_;
  std::map<std::string, int> writes_;  // of each state
};

// Whether value = 1 - reduce_sum(mask, last axis).
bool keeps_the_rest(const Uses& uses, const std::string& value, const std::string& mask) {
  const auto sum = uses.maker(value, "add");
  if (!sum) return false;
  const auto negative = uses.maker(uses.beside(*sum, 1), "mul");
  if (!negative) return false;
  const auto written = uses.maker(uses.beside(*negative, -1), "reduce_sum");
  if (!written || uses.argument(*written, "x") != mask) return false;
  const auto axes = uses.constant(*written, "axes", integers_of);
  const auto rank = static_cast<std::int64_t>(uses.at(*written).outputs[0].type.shape.size());
  const auto keep = uses.constant(*written, "keep_dims", integers_of);
  return axes.size() == 1 && (axes[0] == -1 || axes[0] == rank - 1) && keep == std::vector{1L};
}

bool untransposed(const Uses& uses, std::size_t matmul) {
  for (const char* parameter : {"transpose_x", "transpose_y"}) {
    const auto flag = uses.constant(matmul, parameter, integers_of);
    if (flag != std::vector{0L}) return false;
  }
  return true;
}

std::optional<CacheUpdate> match_slice(const Uses& uses, const CacheUpdate& begun) {
  CacheUpdate update = begun;
  const auto user = uses.only_user(update.read);
  if (!user || *user != update.update || uses.at(update.update).type != "slice_update")
    return std::nullopt;
  if (uses.argument(update.update, "x") != uses.at(update.read).outputs[0].name)
    return std::nullopt;
  update.form = CacheUpdate::Form::kSlice;
  update.rows = uses.argument(update.update, "update");
  return update;
}

std::optional<CacheUpdate> match_mask(const Uses& uses, const CacheUpdate& begun) {
  CacheUpdate update = begun;
  if (!uses.is_written_once(update.state)) return std::nullopt;
  for (const auto& [kept, written] : {std::pair("x", "y"), std::pair("y", "x")}) {
    const auto keep = uses.maker(uses.argument(update.update, kept), "mul");
    const auto product = uses.maker(uses.argument(update.update, written), "matmul");
    if (!keep || !product) continue;
    if (uses.only_user(*keep) != update.update || uses.only_user(*product) != update.update ||
        uses.only_user(update.read) != *keep || !untransposed(uses, *product))
      return std::nullopt;
    const std::string& before = uses.at(update.read).outputs[0].name;
    const std::string x = uses.argument(*keep, "x");
    const std::string y = uses.argument(*keep, "y");
    update.form = CacheUpdate::Form::kMask;
    update.keep = *keep;
    update.product = *product;
    update.mask = uses.argument(*product, "x");
    update.rows = uses.argument(*product, "y");
    if (before != x && before != y) return std::nullopt;
    if (!keeps_the_rest(uses, before == x ? y : x, update.mask)) return std::nullopt;
    return update;
  }
  return std::nullopt;
}

// Of caches [1, n, S, d], rows are [1, n, T, d] and the mask [1, 1, S, T].
bool fits(const Uses& uses, const CacheUpdate& update,
          const std::map<std::string, std::vector<std::uint64_t>>& shapes) {
  const auto& cache = uses.at(update.read).outputs[0].type.shape;
  const auto rows = shapes.find(update.rows);
  if (cache.size() != 4 || cache[0] != 1 || rows == shapes.end() || rows->second.size() != 4)
    return false;
  const std::uint64_t tokens = rows->second[2];
  if (rows->second != std::vector{std::uint64_t{1}, cache[1], tokens, cache[3]}) return false;
  if (update.form == CacheUpdate::Form::kSlice) return true;
  const auto mask = shapes.find(update.mask);
  return mask != shapes.end() &&
         mask->second == std::vector{std::uint64_t{1}, std::uint64_t{1}, cache[2], tokens};
}

}  // namespace

std::map<std::size_t, CacheUpdate> find_cache_updates(const Program& program) {
  const Uses uses(program);
  std::map<std::string, std::vector<std::uint64_t>> shapes;
  for (const NamedType& input : program.inputs) shapes[input.name] = input.type.shape;
  // The last read of each state, as long as nothing else has touched it.
  std::map<std::string, std::size_t> reads;
  std::map<std::size_t, CacheUpdate> found;
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    const Operation& operation = program.operations[i];
    for (const NamedType& output : operation.outputs) shapes[output.name] = output.type.shape;
    if (operation.type == "read_state") reads[uses.argument(i, "input")] = i;
    if (operation.type != "write_state") continue;
    CacheUpdate begun{.write = i, .state = uses.argument(i, "input")};
    const auto read = reads.find(begun.state);
    if (read == reads.end()) continue;
    begun.read = read->second;
    reads.erase(read);
    const std::string written = uses.argument(i, "data");
    for (const char* type : {"slice_update", "add"}) {
      const auto maker = uses.maker(written, type);
      if (!maker || uses.only_user(*maker) != i || *maker < begun.read) continue;
      begun.update = *maker;
      const auto update =
          type == std::string_view("add") ? match_mask(uses, begun) : match_slice(uses, begun);
      if (update && fits(uses, *update, shapes)) found.emplace(update->update, *update);
    }
  }
  return found;
}

}  // namespace fusesweep

#include "runners/mlprogram/ml_model.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "runners/mlprogram/ml_model.pb.h"
#include "runners/mlprogram/operations.h"

namespace fusesweep {
namespace {

constexpr int kSpecificationVersion = 9;
constexpr std::string_view kFunction = "main";
constexpr std::string_view kWeightFile = "@model_path/weights/weight.bin";
constexpr std::string_view kName = "name";

// Far above any tensor that is meant, low enough that products of sizes stay within 64 bits.
constexpr std::uint64_t kMaxDimension = std::numeric_limits<std::int32_t>::max();
// So that the bytes of all tensors of a program together, of which there are at most 2^22, can be
// counted in 64 bits.
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 38U;
constexpr int kMaxRank = 16;

// The element types that features have, by CoreML's numbers.
struct ArrayType {
  DataType element;
  int number;
};
constexpr std::array<ArrayType, 4> kArrayTypes = {{{DataType::kFp32, 65568},
                                                   {DataType::kInt32, 131104},
                                                   {DataType::kFp16, 65552},
                                                   {DataType::kInt8, 131080}}};

// ---- writing ----

void set_type(const TensorType& type, mlmodel::TensorType& to) {
  to.set_data_type(static_cast<int>(type.element));
  to.set_rank(static_cast<std::int64_t>(type.shape.size()));
  for (const std::uint64_t size : type.shape)
    to.add_dimensions()->mutable_constant()->set_size(size);
}

void set_value(const Value& value, mlmodel::Value& to) {
  set_type(value.type, *to.mutable_type()->mutable_tensor());
  if (const auto* blob = std::get_if<BlobReference>(&value.content)) {
    to.mutable_blob_file()->set_file_name(std::string(kWeightFile));
    to.mutable_blob_file()->set_offset(blob->offset);
    return;
  }
  mlmodel::TensorValue& tensor = *to.mutable_immediate()->mutable_tensor();
  if (const auto* ints = std::get_if<std::vector<std::int32_t>>(&value.content)) {
    if (value.type.element == DataType::kBool) {
      for (const std::int32_t x : *ints) tensor.mutable_bools()->add_values(x != 0);
    } else {
      tensor.mutable_ints()->mutable_values()->Add(ints->begin(), ints->end());
    }
  } else if (const auto* floats = std::get_if<std::vector<float>>(&value.content)) {
    tensor.mutable_floats()->mutable_values()->Add(floats->begin(), floats->end());
  } else if (const auto* strings = std::get_if<std::vector<std::string>>(&value.content)) {
    for (const std::string& x : *strings) tensor.mutable_strings()->add_values(x);
  } else {
    tensor.mutable_bytes()->set_values(std::get<std::string>(value.content));
  }
}

void set_operation(const Operation& operation, mlmodel::Operation& to) {
  to.set_type(operation.type);
  for (const auto& [parameter, arguments] : operation.inputs) {
    mlmodel::Argument& argument = (*to.mutable_inputs())[parameter];
    for (const Argument& value : arguments) {
      mlmodel::Argument::Binding& binding = *argument.add_arguments();
      if (const auto* name = std::get_if<std::string>(&value)) {
        binding.set_name(*name);
      } else {
        set_value(std::get<Value>(value), *binding.mutable_value());
      }
    }
  }
  for (const auto& [name, type] : operation.outputs) {
    mlmodel::NamedValueType& output = *to.add_outputs();
    output.set_name(name);
    set_type(type, *output.mutable_type()->mutable_tensor());
  }
  for (const auto& [name, value] : operation.attributes)
    set_value(value, (*to.mutable_attributes())[name]);
  const Value name{{DataType::kString, {}}, std::vector<std::string>{operation.name}};
  set_value(name, (*to.mutable_attributes())[std::string(kName)]);
}

void set_array(const TensorType& type, mlmodel::ArrayFeatureType& to) {
  for (const std::uint64_t size : type.shape) to.add_shape(static_cast<std::int64_t>(size));
  for (const auto& [element, number] : kArrayTypes) {
    if (element == type.element) to.set_data_type(number);
  }
  FUSESWEEP_CHECK(to.data_type() != 0);
}

// ---- reading ----

// Reads messages; the first thing that does not fit is kept, and values after it mean nothing.
class Reader {
 public:
  explicit Reader(std::string_view where) : where_(where) {}

  void reject(std::string_view place, std::string_view found, std::string_view wanted) {
    if (error_) return;
    error_ = Error{ErrorCode::kInvalidInput,
                   fmt::format("{}: {}: found {}, want {}", where_, place, found, wanted)};
  }
  const std::optional<Error>& error() const { return error_; }

  TensorType type(const mlmodel::TensorType& from, std::string_view place) {
    TensorType type;
    type.element = element(from.data_type(), place);
    if (from.rank() != from.dimensions_size() || from.rank() > kMaxRank) {
      reject(place, fmt::format("rank {} and {} dimensions", from.rank(), from.dimensions_size()),
             fmt::format("the same number, at most {}", kMaxRank));
      return type;
    }
    std::uint64_t count = 1;
    for (const mlmodel::Dimension& dimension : from.dimensions()) {
      // A dimension of unknown size has no constant, and with it size 0.
      const std::uint64_t size = dimension.constant().size();
      if (size < 1 || size > kMaxDimension || count > kMaxElements / size) {
        reject(place, fmt::format("a dimension of {}", size), "fixed sizes of tensors that exist");
        return type;
      }
      count *= size;
      type.shape.push_back(size);
    }
    return type;
  }

  TensorType tensor_type(const mlmodel::ValueType& from, std::string_view place) {
    if (from.has_tensor()) return type(from.tensor(), place);
    reject(place, "something else", "a tensor");
    return {};
  }

  Value value(const mlmodel::Value& from, std::string_view place) {
    Value value{.type = tensor_type(from.type(), place), .content = {}};
    if (from.has_blob_file()) {
      if (from.blob_file().file_name() != kWeightFile)
        reject(place, quote(from.blob_file().file_name()), kWeightFile);
      if (value.type.element == DataType::kBool || value.type.element == DataType::kString)
        reject(place, to_text(value.type), "a type that weight files know");
      value.content = BlobReference{from.blob_file().offset()};
    } else {
      read_elements(from.immediate().tensor(), place, value);
    }
    return value;
  }

  Operation operation(const mlmodel::Operation& from) {
    Operation operation{
        .type = from.type(), .name = {}, .inputs = {}, .attributes = {}, .outputs = {}};
    std::string place = "operation " + quote(from.type());
    if (from.blocks_size() != 0)
      reject(place, "nested blocks", "none: control flow is not supported");
    for (const auto& [name, attribute] : from.attributes()) {
      Value read = value(attribute, place);
      const auto* strings = std::get_if<std::vector<std::string>>(&read.content);
      if (name == kName && strings != nullptr && strings->size() == 1) {
        operation.name = strings->front();
      } else {
        operation.attributes.emplace(name, std::move(read));
      }
    }
    place += ' ' + quote(operation.name);
    for (const auto& [parameter, argument] : from.inputs()) {
      std::vector<Argument>& arguments = operation.inputs[parameter];
      for (const auto& binding : argument.arguments()) {
        if (binding.has_name()) {
          arguments.emplace_back(binding.name());
        } else {
          arguments.emplace_back(value(binding.value(), place));
        }
      }
    }
    for (const mlmodel::NamedValueType& output : from.outputs())
      operation.outputs.push_back({output.name(), tensor_type(output.type(), place)});
    return operation;
  }

 private:
  DataType element(int number, std::string_view place) {
    for (const DataType type :
         {DataType::kBool, DataType::kString, DataType::kFp16, DataType::kFp32, DataType::kInt8,
          DataType::kInt16, DataType::kInt32, DataType::kUint8, DataType::kUint16}) {
      if (static_cast<int>(type) == number) return type;
    }
    reject(place, fmt::format("element type {}", number), "one that is supported");
    return DataType::kFp16;
  }

  // Each element type has its own list in the file.
  void read_elements(const mlmodel::TensorValue& from, std::string_view place, Value& value) {
    std::uint64_t count = 0;
    switch (value.type.element) {
      case DataType::kBool: {
        const auto& bools = from.bools().values();
        value.content = std::vector<std::int32_t>(bools.begin(), bools.end());
        count = static_cast<std::uint64_t>(bools.size());
        break;
      }
      case DataType::kInt16:
      case DataType::kInt32:
      case DataType::kUint16: {
        const auto& ints = from.ints().values();
        value.content = std::vector<std::int32_t>(ints.begin(), ints.end());
        count = static_cast<std::uint64_t>(ints.size());
        break;
      }
      case DataType::kFp32: {
        const auto& floats = from.floats().values();
        value.content = std::vector<float>(floats.begin(), floats.end());
        count = static_cast<std::uint64_t>(floats.size());
        break;
      }
      case DataType::kString: {
        const auto& strings = from.strings().values();
        value.content = std::vector<std::string>(strings.begin(), strings.end());
        count = static_cast<std::uint64_t>(strings.size());
        break;
      }
      case DataType::kFp16:
      case DataType::kInt8:
      case DataType::kUint8: {
        const std::string& bytes = from.bytes().values();
        const std::size_t size = element_bytes(value.type.element);
        if (bytes.size() % size != 0)
          reject(place, fmt::format("{} bytes", bytes.size()), "whole elements");
        value.content = bytes;
        count = bytes.size() / size;
        break;
      }
    }
    if (count != element_count(value.type.shape))
      reject(place, fmt::format("{} elements", count), to_text(value.type));
  }

  std::string_view where_;
  std::optional<Error> error_;
};

// The type that the description gives a feature; a scalar or an image, say, is refused.
TensorType feature_type(Reader& read, const mlmodel::FeatureDescription& feature) {
  const mlmodel::ArrayFeatureType& array =
      feature.type().has_state() ? feature.type().state().array() : feature.type().multi_array();
  TensorType type;
  bool known = false;
  for (const auto& [element, number] : kArrayTypes) {
    if (number != array.data_type()) continue;
    type.element = element;
    known = true;
  }
  if (!known)
    read.reject(quote(feature.name()), fmt::format("array type {}", array.data_type()),
                "an array of fp16, fp32, int32 or int8");
  for (const std::int64_t size : array.shape())
    type.shape.push_back(static_cast<std::uint64_t>(size));
  return type;
}

// The description must say of inputs and states what the function says.
void compare_features(
    Reader& read, std::string_view kind,
    const google::protobuf::RepeatedPtrField<mlmodel::FeatureDescription>& features,
    const std::vector<NamedType>& declared) {
  if (static_cast<std::size_t>(features.size()) != declared.size()) {
    read.reject(kind, fmt::format("{} in the description", features.size()),
                fmt::format("{} as the function has", declared.size()));
    return;
  }
  for (const mlmodel::FeatureDescription& feature : features) {
    const NamedType described{feature.name(), feature_type(read, feature)};
    if (std::find(declared.begin(), declared.end(), described) == declared.end())
      read.reject(
          kind,
          fmt::format("{} {} in the description", quote(described.name), to_text(described.type)),
          "the same in the function");
  }
}

// The program's outputs: names in the block, with the types of what the operations define.
void read_outputs(Reader& read, const mlmodel::Block& block, Program& program) {
  std::map<std::string_view, const TensorType*> types;
  for (const Operation& operation : program.operations) {
    for (const NamedType& output : operation.outputs) types.emplace(output.name, &output.type);
  }
  for (const std::string& name : block.outputs()) {
    const auto found = types.find(name);
    if (found == types.end()) {
      read.reject("output " + quote(name), "no operation that defines it", "one");
    } else {
      program.outputs.push_back({name, *found->second});
    }
  }
}

Program read_program(Reader& read, const mlmodel::Model& model) {
  Program program;
  const auto& functions = model.ml_program().functions();
  const auto function = functions.find(std::string(kFunction));
  if (functions.size() != 1 || function == functions.end()) {
    read.reject("program", fmt::format("{} functions", functions.size()),
                fmt::format("one, called {}", kFunction));
    return program;
  }
  program.opset = function->second.opset();
  const auto& blocks = function->second.block_specializations();
  const auto block = blocks.find(program.opset);
  if (block == blocks.end()) {
    read.reject("program", "no block for " + quote(program.opset), "one");
    return program;
  }
  for (const mlmodel::NamedValueType& input : function->second.inputs()) {
    const std::string place = "input " + quote(input.name());
    if (input.type().has_state()) {
      program.states.push_back(
          {input.name(), read.tensor_type(input.type().state().wrapped(), place)});
    } else {
      program.inputs.push_back({input.name(), read.tensor_type(input.type(), place)});
    }
  }
  for (const mlmodel::Operation& operation : block->second.operations()) {
    program.operations.push_back(read.operation(operation));
    if (read.error()) return program;
  }
  read_outputs(read, block->second, program);
  return program;
}

}  // namespace

std::string encode_ml_model(const MlModel& model) {
  mlmodel::Model file;
  file.set_specification_version(kSpecificationVersion);
  mlmodel::ModelDescription& description = *file.mutable_description();
  const auto add_array = [](const NamedType& named, auto& features) {
    mlmodel::FeatureDescription& feature = *features.Add();
    feature.set_name(named.name);
    set_array(named.type, *feature.mutable_type()->mutable_multi_array());
  };
  for (const NamedType& input : model.program.inputs)
    add_array(input, *description.mutable_input());
  for (const NamedType& output : model.program.outputs)
    add_array(output, *description.mutable_output());
  for (const auto& [name, type] : model.program.states) {
    mlmodel::FeatureDescription& feature = *description.add_state();
    feature.set_name(name);
    set_array(type, *feature.mutable_type()->mutable_state()->mutable_array());
  }
  description.mutable_metadata()->set_short_description(model.description);
  for (const auto& [key, text] : model.notes)
    (*description.mutable_metadata()->mutable_user_defined())[key] = text;

  file.mutable_ml_program()->set_version(1);
  mlmodel::Function& function =
      (*file.mutable_ml_program()->mutable_functions())[std::string(kFunction)];
  function.set_opset(model.program.opset);
  for (const auto& [name, type] : model.program.inputs) {
    mlmodel::NamedValueType& input = *function.add_inputs();
    input.set_name(name);
    set_type(type, *input.mutable_type()->mutable_tensor());
  }
  for (const auto& [name, type] : model.program.states) {
    mlmodel::NamedValueType& input = *function.add_inputs();
    input.set_name(name);
    set_type(type, *input.mutable_type()->mutable_state()->mutable_wrapped()->mutable_tensor());
  }
  mlmodel::Block& block = (*function.mutable_block_specializations())[model.program.opset];
  for (const NamedType& output : model.program.outputs) block.add_outputs(output.name);
  for (const Operation& operation : model.program.operations)
    set_operation(operation, *block.add_operations());

  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // maps in the order of their keys
    file.SerializeToCodedStream(&coded);
  }
  return bytes;
}

Result<MlModel> decode_ml_model(std::span<const std::byte> bytes, std::string_view where) {
  mlmodel::Model file;
  Reader read(where);
  {
    const google::protobuf::LogSilencer silence;  // what is wrong we say ourselves
    if (bytes.size() > std::numeric_limits<int>::max() ||
        !file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      read.reject("the file", fmt::format("{} bytes", bytes.size()), "a CoreML model");
      return fail(*read.error());
    }
  }
  if (file.description().functions_size() != 0 || !file.has_ml_program())
    read.reject("the file", "a model of another kind", "an ML Program with a single function");
  MlModel model{.description = file.description().metadata().short_description(),
                .notes = {file.description().metadata().user_defined().begin(),
                          file.description().metadata().user_defined().end()},
                .program = read_program(read, file)};
  compare_features(read, "inputs", file.description().input(), model.program.inputs);
  compare_features(read, "states", file.description().state(), model.program.states);
  compare_features(read, "outputs", file.description().output(), model.program.outputs);
  if (read.error()) return fail(*read.error());
  if (const Result<void> checked = check_types(model.program); !checked)
    return fail_with_context(checked.error(), where);
  return model;
}

}  // namespace fusesweep

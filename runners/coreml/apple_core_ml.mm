// The one file that speaks with Apple's frameworks. It decides nothing: what it asks and what it makes of
// the answers is in the plain C++ around it. Compiled with ARC. Everything that CoreML makes on the way
// goes with an autorelease pool, for a session lives through millions of calls.
#include "runners/coreml/apple_core_ml.h"

#import <CoreML/CoreML.h>
#import <Foundation/Foundation.h>
#include <sys/sysctl.h>

#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runners/coreml/apple_error.h"
#include "runners/coreml/features.h"

namespace fusesweep {
namespace {

std::string text_of(NSString* text) { return text == nil ? std::string() : text.UTF8String; }

NSString* string_of(std::string_view text) {
  return [[NSString alloc] initWithBytes:text.data()
                                  length:text.size()
                                encoding:NSUTF8StringEncoding];
}

NSURL* url_of(const std::filesystem::path& path) {
  return [NSURL fileURLWithPath:string_of(path.string())];
}

Failure failure_of(NSError* error, std::string_view what) {
  std::vector<AppleError> chain;
  for (NSError* cause = error; cause != nil; cause = cause.userInfo[NSUnderlyingErrorKey])
    chain.push_back({text_of(cause.domain), cause.code, text_of(cause.localizedDescription)});
  return fail(error_of(chain, what));
}

Failure failure_of(NSException* exception, std::string_view what) {
  return fail(error_of({{text_of(exception.name), 0, text_of(exception.reason)}}, what));
}

std::string chip_name() {
  char name[128] = {};
  std::size_t size = sizeof(name) - 1;
  return sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0 ? name : "";
}

MLModelConfiguration* configuration_of(ComputeUnits units) {
  MLModelConfiguration* configuration = [[MLModelConfiguration alloc] init];
  configuration.computeUnits = static_cast<MLComputeUnits>(units);
  return configuration;
}

std::vector<std::int64_t> numbers_of(NSArray<NSNumber*>* numbers) {
  std::vector<std::int64_t> values;
  for (NSNumber* number in numbers) values.push_back(number.longLongValue);
  return values;
}

template <typename Number>
NSArray<NSNumber*>* array_of(const std::vector<Number>& values) {
  NSMutableArray<NSNumber*>* numbers = [NSMutableArray array];
  for (const Number value : values)
    [numbers addObject:[NSNumber numberWithLongLong:static_cast<long long>(value)]];
  return numbers;
}

API_AVAILABLE(macos(14.4))
std::string place_of(id<MLComputeDeviceProtocol> device) {
  return place_of_device(text_of(NSStringFromClass([device class])));
}

API_AVAILABLE(macos(14.4))
void add_operations(MLComputePlan* plan, MLModelStructureProgramBlock* block,
                    std::vector<PlannedOperation>& operations) {
  for (MLModelStructureProgramOperation* operation in block.operations) {
    PlannedOperation planned{.name = text_of(operation.outputs.firstObject.name),
                             .operator_name = text_of(operation.operatorName)};
    MLComputePlanDeviceUsage* usage = [plan computeDeviceUsageForMLProgramOperation:operation];
    if (usage != nil) {
      planned.preferred = place_of(usage.preferredComputeDevice);
      for (id<MLComputeDeviceProtocol> device in usage.supportedComputeDevices)
        planned.supported.push_back(place_of(device));
    }
    MLComputePlanCost* cost = [plan estimatedCostOfMLProgramOperation:operation];
    if (cost != nil) planned.cost = cost.weight;
    operations.push_back(std::move(planned));
    for (MLModelStructureProgramBlock* inner in operation.blocks)
      add_operations(plan, inner, operations);
  }
}

API_AVAILABLE(macos(15.0))
std::vector<Feature> features_of(MLModelDescription* description) {
  std::vector<Feature> features;
  const auto add = [&](FeatureRole role, NSDictionary<NSString*, MLFeatureDescription*>* named) {
    for (NSString* name in named) {
      MLFeatureDescription* described = named[name];
      Feature feature{.role = role, .name = text_of(name)};
      if (described.multiArrayConstraint != nil) {
        feature.multi_array_type = described.multiArrayConstraint.dataType;
        feature.shape = numbers_of(described.multiArrayConstraint.shape);
      } else if (described.stateConstraint != nil) {
        feature.multi_array_type = described.stateConstraint.dataType;
        feature.shape = numbers_of(described.stateConstraint.bufferShape);
      }
      features.push_back(std::move(feature));
    }
  };
  add(FeatureRole::kInput, description.inputDescriptionsByName);
  add(FeatureRole::kOutput, description.outputDescriptionsByName);
  add(FeatureRole::kState, description.stateDescriptionsByName);
  return features;
}

MLMultiArrayDataType multi_array_type(DataType element) {
  if (element == DataType::kFp32) return MLMultiArrayDataTypeFloat32;
  return element == DataType::kInt32 ? MLMultiArrayDataTypeInt32 : MLMultiArrayDataTypeFloat16;
}

// An array over memory of ours, which outlives it.
MLMultiArray* wrap(std::span<std::byte> bytes, const TensorType& type, NSError** error) {
  return [[MLMultiArray alloc] initWithDataPointer:bytes.data()
                                             shape:array_of(type.shape)
                                          dataType:multi_array_type(type.element)
                                           strides:array_of(row_major_strides(type.shape))
                                       deallocator:nil
                                             error:error];
}

// Its state is its own and it is called by one thread, so predictions on a state never overlap.
class API_AVAILABLE(macos(15.0)) AppleExecutor final : public ShardExecutor {
 public:
  static Result<LoadedShard> create(MLModel* model) {
    Result<ShardPorts> ports = ports_of(features_of(model.modelDescription));
    if (!ports) return fail(std::move(ports).error());
    std::unique_ptr<AppleExecutor> executor(new AppleExecutor(model, *ports));
    if (auto wrapped = executor->wrap_ports(); !wrapped) return fail(std::move(wrapped).error());
    if (auto emptied = executor->reset(); !emptied) return fail(std::move(emptied).error());
    return LoadedShard{*std::move(ports), std::move(executor)};
  }

  std::span<std::byte> port(std::string_view name) override { return buffers_.port(name); }

  Result<void> run() override {
    @autoreleasepool {
      @try {
        NSError* error = nil;
        id<MLFeatureProvider> given = state_ == nil ? [model_ predictionFromFeatures:inputs_
                                                                             options:options_
                                                                               error:&error]
                                                    : [model_ predictionFromFeatures:inputs_
                                                                          usingState:state_
                                                                             options:options_
                                                                               error:&error];
        if (given == nil) return failure_of(error, "predicting");
        return take_outputs(given);
      } @catch (NSException* exception) {
        return failure_of(exception, "predicting");
      }
    }
  }

  Result<void> reset() override {
    if (ports_.states.empty()) return {};
    @autoreleasepool {
      @try {
        state_ = [model_ newState];
      } @catch (NSException* exception) {
        return failure_of(exception, "making a state");
      }
    }
    return {};
  }

  void add_run(PlacementSum& /*sum*/) const override {}  // CoreML does not tell

 private:
  AppleExecutor(MLModel* model, const ShardPorts& ports)
      : model_(model), ports_(ports), buffers_(ports) {}

  Result<void> wrap_ports() {
    @autoreleasepool {
      NSError* error = nil;
      NSMutableDictionary<NSString*, MLFeatureValue*>* inputs = [NSMutableDictionary dictionary];
      for (const auto& [name, type] : ports_.inputs) {
        MLMultiArray* array = wrap(buffers_.port(name), type, &error);
        if (array == nil) return failure_of(error, "input " + name);
        inputs[string_of(name)] = [MLFeatureValue featureValueWithMultiArray:array];
      }
      inputs_ = [[MLDictionaryFeatureProvider alloc] initWithDictionary:inputs error:&error];
      if (inputs_ == nil) return failure_of(error, "inputs");
      backings_ = [NSMutableDictionary dictionary];
      for (const auto& [name, type] : ports_.outputs) {
        MLMultiArray* array = wrap(buffers_.port(name), type, &error);
        if (array == nil) return failure_of(error, "output " + name);
        backings_[string_of(name)] = array;
      }
      options_ = [[MLPredictionOptions alloc] init];
      options_.outputBackings = backings_;
    }
    return {};
  }

  // CoreML may give an array of its own, with gaps in it, in place of the one that was offered.
  Result<void> take_outputs(id<MLFeatureProvider> given) {
    for (const NamedType& output : ports_.outputs) {
      NSString* name = string_of(output.name);
      MLMultiArray* array = [given featureValueForName:name].multiArrayValue;
      if (array == backings_[name]) continue;
      if (array == nil || array.dataType != multi_array_type(output.type.element))
        return fail(error_of({{"fusesweep", 0, "found no such array in what was given"}},
                             "output " + output.name));
      Result<void> copied;
      Result<void>* const result = &copied;
      const std::span<std::byte> to = buffers_.port(output.name);
      const TensorType& type = output.type;
      const std::vector<std::int64_t> strides = numbers_of(array.strides);
      [array getBytesWithHandler:^(const void* bytes, NSInteger size) {
        *result =
            copy_row_major({static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)},
                           type, strides, to);
      }];
      if (!copied) return fail_with_context(copied.error(), "output " + output.name);
    }
    return {};
  }

  MLModel* model_;
  const ShardPorts ports_;
  const PortBuffers buffers_;
  MLState* state_ = nil;  // nil: the shard has none
  MLDictionaryFeatureProvider* inputs_ = nil;
  NSMutableDictionary<NSString*, id>* backings_ = nil;
  MLPredictionOptions* options_ = nil;
};

class AppleCoreMl final : public CoreMl {
 public:
  CoreMlSystem system() override {
    @autoreleasepool {
      NSProcessInfo* process = [NSProcessInfo processInfo];
      const NSOperatingSystemVersion v = process.operatingSystemVersion;
      CoreMlSystem system{
          .version = {static_cast<int>(v.majorVersion), static_cast<int>(v.minorVersion),
                      static_cast<int>(v.patchVersion)},
          .build = build_in(text_of(process.operatingSystemVersionString)),
          .chip = chip_name(),
          .memory_bytes = process.physicalMemory,
          .thermal_state = static_cast<std::int64_t>(process.thermalState)};
      if (@available(macOS 12.0, *)) system.low_power_mode = process.isLowPowerModeEnabled ? 1 : 0;
      if (@available(macOS 14.0, *)) {
        for (id<MLComputeDeviceProtocol> device in MLAllComputeDevices()) {
          if ([device isKindOfClass:[MLNeuralEngineComputeDevice class]])
            system.neural_engine_cores =
                static_cast<int>(static_cast<MLNeuralEngineComputeDevice*>(device).totalCoreCount);
        }
      }
      return system;
    }
  }

  Result<std::filesystem::path> compile(const std::filesystem::path& package) override {
    @autoreleasepool {
      NSError* error = nil;
      NSURL* compiled = [MLModel compileModelAtURL:url_of(package) error:&error];
      if (compiled == nil) return failure_of(error, package.string() + ": compiling");
      return std::filesystem::path(text_of(compiled.path));
    }
  }

  Result<std::vector<PlannedOperation>> plan(const std::filesystem::path& compiled,
                                             ComputeUnits units) override {
    if (@available(macOS 14.4, *)) {
      @autoreleasepool {
        std::promise<Result<std::vector<PlannedOperation>>> promise;
        auto* const answer = &promise;
        [MLComputePlan loadContentsOfURL:url_of(compiled)
                           configuration:configuration_of(units)
                       completionHandler:^(MLComputePlan* plan, NSError* error) {
                         if (plan == nil) {
                           answer->set_value(failure_of(error, "planning"));
                           return;
                         }
                         std::vector<PlannedOperation> operations;
                         NSDictionary<NSString*, MLModelStructureProgramFunction*>* functions =
                             plan.modelStructure.program.functions;
                         for (NSString* name in functions)
                           add_operations(plan, functions[name].block, operations);
                         answer->set_value(std::move(operations));
                       }];
        return promise.get_future().get();
      }
    }
    return fail(macos_for_plan(system().version).error());
  }

  Result<LoadedShard> load(const std::filesystem::path& compiled, ComputeUnits units) override {
    if (@available(macOS 15.0, *)) {
      @autoreleasepool {
        NSError* error = nil;
        MLModel* model = [MLModel modelWithContentsOfURL:url_of(compiled)
                                           configuration:configuration_of(units)
                                                   error:&error];
        if (model == nil) return failure_of(error, "loading");
        return AppleExecutor::create(model);
      }
    }
    return fail(macos_for_state(system().version).error());
  }
};

}  // namespace

std::unique_ptr<CoreMl> make_apple_core_ml() { return std::make_unique<AppleCoreMl>(); }

}  // namespace fusesweep

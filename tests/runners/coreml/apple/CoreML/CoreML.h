// Declarations of CoreML, as far as runners/coreml uses them and no farther (see Foundation/Foundation.h
// beside it). harness/docs/COREML.md lists them with the macOS that each needs.
#pragma once

#include <Foundation/Foundation.h>

// Devices, 14.0.
@protocol MLComputeDeviceProtocol <NSObject>
@end
@interface MLNeuralEngineComputeDevice : NSObject <MLComputeDeviceProtocol>
@property(readonly) NSInteger totalCoreCount;
@end
extern NSArray<id<MLComputeDeviceProtocol>>* MLAllComputeDevices(void);

// Arrays; Float16 12.0, getBytesWithHandler 12.3.
typedef enum MLMultiArrayDataType : NSInteger {
  MLMultiArrayDataTypeFloat16 = 0x10000 | 16,
  MLMultiArrayDataTypeFloat32 = 0x10000 | 32,
  MLMultiArrayDataTypeInt32 = 0x20000 | 32,
} MLMultiArrayDataType;
@interface MLMultiArray : NSObject
- (instancetype)initWithDataPointer:(void*)dataPointer
                              shape:(NSArray<NSNumber*>*)shape
                           dataType:(MLMultiArrayDataType)dataType
                            strides:(NSArray<NSNumber*>*)strides
                        deallocator:(void (^)(void* bytes))deallocator
                              error:(NSError**)error;
@property(readonly) MLMultiArrayDataType dataType;
@property(readonly) NSArray<NSNumber*>* strides;
- (void)getBytesWithHandler:(void (^)(const void* bytes, NSInteger size))handler;
@end

// Features; states 15.0.
@interface MLFeatureValue : NSObject
+ (instancetype)featureValueWithMultiArray:(MLMultiArray*)value;
@property(readonly) MLMultiArray* multiArrayValue;
@end
@protocol MLFeatureProvider
- (MLFeatureValue*)featureValueForName:(NSString*)name;
@end
@interface MLDictionaryFeatureProvider : NSObject <MLFeatureProvider>
- (instancetype)initWithDictionary:(NSDictionary<NSString*, id>*)dictionary error:(NSError**)error;
@end
@interface MLMultiArrayConstraint : NSObject
@property(readonly) NSArray<NSNumber*>* shape;
@property(readonly) MLMultiArrayDataType dataType;
@end
@interface MLStateConstraint : NSObject
@property(readonly) NSArray<NSNumber*>* bufferShape;
@property(readonly) MLMultiArrayDataType dataType;
@end
@interface MLFeatureDescription : NSObject
@property(readonly) MLMultiArrayConstraint* multiArrayConstraint;
@property(readonly) MLStateConstraint* stateConstraint;
@end
@interface MLModelDescription : NSObject
@property(readonly) NSDictionary<NSString*, MLFeatureDescription*>* inputDescriptionsByName;
@property(readonly) NSDictionary<NSString*, MLFeatureDescription*>* outputDescriptionsByName;
@property(readonly) NSDictionary<NSString*, MLFeatureDescription*>* stateDescriptionsByName;
@end

// Models; CPUAndNeuralEngine 13.0, outputBackings 11.0, state 15.0.
typedef enum MLComputeUnits : NSInteger {
  MLComputeUnitsCPUOnly = 0,
  MLComputeUnitsCPUAndGPU = 1,
  MLComputeUnitsAll = 2,
  MLComputeUnitsCPUAndNeuralEngine = 3,
} MLComputeUnits;
@interface MLModelConfiguration : NSObject
@property MLComputeUnits computeUnits;
@end
@interface MLPredictionOptions : NSObject
@property(copy) NSDictionary<NSString*, id>* outputBackings;
@end
@interface MLState : NSObject
@end
@interface MLModel : NSObject
+ (NSURL*)compileModelAtURL:(NSURL*)modelURL error:(NSError**)error;
+ (instancetype)modelWithContentsOfURL:(NSURL*)url
                         configuration:(MLModelConfiguration*)configuration
                                 error:(NSError**)error;
@property(readonly) MLModelDescription* modelDescription;
- (MLState*)newState;
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)input
                                        options:(MLPredictionOptions*)options
                                          error:(NSError**)error;
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputFeatures
                                     usingState:(MLState*)state
                                        options:(MLPredictionOptions*)options
                                          error:(NSError**)error;
@end

// The plan, 14.4.
@class MLModelStructureProgramBlock;
@interface MLModelStructureProgramNamedValueType : NSObject
@property(readonly) NSString* name;
@end
@interface MLModelStructureProgramOperation : NSObject
@property(readonly) NSString* operatorName;
@property(readonly) NSArray<MLModelStructureProgramNamedValueType*>* outputs;
@property(readonly) NSArray<MLModelStructureProgramBlock*>* blocks;
@end
@interface MLModelStructureProgramBlock : NSObject
@property(readonly) NSArray<MLModelStructureProgramOperation*>* operations;
@end
@interface MLModelStructureProgramFunction : NSObject
@property(readonly) MLModelStructureProgramBlock* block;
@end
@interface MLModelStructureProgram : NSObject
@property(readonly) NSDictionary<NSString*, MLModelStructureProgramFunction*>* functions;
@end
@interface MLModelStructure : NSObject
@property(readonly) MLModelStructureProgram* program;
@end
@interface MLComputePlanDeviceUsage : NSObject
@property(readonly) id<MLComputeDeviceProtocol> preferredComputeDevice;
@property(readonly) NSArray<id<MLComputeDeviceProtocol>>* supportedComputeDevices;
@end
@interface MLComputePlanCost : NSObject
@property(readonly) double weight;
@end
@interface MLComputePlan : NSObject
+ (void)loadContentsOfURL:(NSURL*)url
            configuration:(MLModelConfiguration*)configuration
        completionHandler:(void (^)(MLComputePlan* computePlan, NSError* error))handler;
@property(readonly) MLModelStructure* modelStructure;
- (MLComputePlanDeviceUsage*)computeDeviceUsageForMLProgramOperation:
    (MLModelStructureProgramOperation*)operation;
- (MLComputePlanCost*)estimatedCostOfMLProgramOperation:
    (MLModelStructureProgramOperation*)operation;
@end

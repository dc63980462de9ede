// Declarations of Foundation, as far as runners/coreml uses them and no farther, so that its syntax can be
// checked where there is no Apple SDK. Facts, not Apple's text: names, types and since when they exist.
// What is not here is not known to exist: a wrong selector fails the check.
#pragma once

#include <objc/objc.h>

#define API_AVAILABLE(...)

typedef long NSInteger;
typedef unsigned long NSUInteger;

// What for (x in collection) is compiled to.
typedef struct {
  unsigned long state;
  id __unsafe_unretained* itemsPtr;
  unsigned long* mutationsPtr;
  unsigned long extra[5];
} NSFastEnumerationState;

@protocol NSObject
- (Class)class;
- (BOOL)isKindOfClass:(Class)aClass;
@end

__attribute__((objc_root_class))
@interface NSObject<NSObject>
+ (instancetype)alloc;
- (instancetype)init;
+ (Class)class;
@end

@interface NSString : NSObject
@property(readonly) const char* UTF8String;
- (instancetype)initWithBytes:(const void*)bytes
                       length:(NSUInteger)length
                     encoding:(NSUInteger)encoding;
@end
enum : NSUInteger { NSUTF8StringEncoding = 4 };
extern NSString* NSStringFromClass(Class aClass);

@interface NSNumber : NSObject
@property(readonly) long long longLongValue;
+ (NSNumber*)numberWithLongLong:(long long)value;
@end

@interface NSArray<__covariant ObjectType> : NSObject
@property(readonly) ObjectType firstObject;
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState*)state
                                  objects:(id __unsafe_unretained[])buffer
                                    count:(NSUInteger)count;
@end
@interface NSMutableArray<ObjectType> : NSArray <ObjectType>
+ (instancetype)array;
- (void)addObject:(ObjectType)object;
@end

@interface NSDictionary<__covariant KeyType, __covariant ObjectType> : NSObject
- (ObjectType)objectForKeyedSubscript:(KeyType)key;
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState*)state
                                  objects:(id __unsafe_unretained[])buffer
                                    count:(NSUInteger)count;
@end
@interface NSMutableDictionary<KeyType, ObjectType> : NSDictionary <KeyType, ObjectType>
+ (instancetype)dictionary;
- (void)setObject:(ObjectType)object forKeyedSubscript:(KeyType)key;
@end

@interface NSURL : NSObject
+ (NSURL*)fileURLWithPath:(NSString*)path;
@property(readonly) NSString* path;
@end

extern NSString* const NSUnderlyingErrorKey;
@interface NSError : NSObject
@property(readonly) NSString* domain;
@property(readonly) NSInteger code;
@property(readonly) NSString* localizedDescription;
@property(readonly) NSDictionary<NSString*, id>* userInfo;
@end

@interface NSException : NSObject
@property(readonly) NSString* name;
@property(readonly) NSString* reason;
@end

typedef struct {
  NSInteger majorVersion;
  NSInteger minorVersion;
  NSInteger patchVersion;
} NSOperatingSystemVersion;
typedef NSInteger NSProcessInfoThermalState;  // nominal 0, fair 1, serious 2, critical 3
@interface NSProcessInfo : NSObject
+ (NSProcessInfo*)processInfo;
@property(readonly) NSOperatingSystemVersion operatingSystemVersion;
@property(readonly) NSString* operatingSystemVersionString;
@property(readonly) unsigned long long physicalMemory;
@property(readonly) NSProcessInfoThermalState thermalState;
@property(readonly, getter=isLowPowerModeEnabled) BOOL lowPowerModeEnabled;
@end

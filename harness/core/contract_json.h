// A contract as JSON: in artifacts, manifests and databases, and in the files that users give
// shapes and profiles in.
#pragma once

#include "harness/base/json.h"
#include "harness/core/contract.h"

namespace fusesweep {

// One member for each field, by its name; what is absent has no member.
Json to_json(const Contract& contract);

// Reads what to_json writes; every field that is not optional must be
// there. Errors go to the field's
// reader, and the result means nothing after one; otherwise it passes check_contract.
Contract read_contract(const JsonField& field);

}  // namespace fusesweep

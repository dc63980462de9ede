// A contract as JSON: in artifacts, manifests and databases, and in the files that users give
// shapes and profiles in.
#pragma once

#include "harness/base/json.h"
#include "harness/core/contract.h"

namespace fusesweep {

// One member for each field, by its name. Without rotary scaling there is no member rope_scaling.
Json to_json(const Contract& contract);

// Reads what to_json writes; every field but rope_scaling must be there. Errors go to the field's
// reader, and the result means nothing after one; otherwise it passes check_contract.
Contract read_contract(const JsonField& field);

}  // namespace fusesweep

// Programs that hold keys leave no copy of their memory behind.
#pragma once

namespace plmm::crypto {

/// From now on this process leaves no core file, and other programs of the same user cannot read
/// its memory. Where the system refuses, nothing changes. What is in pages that the system moves to
/// swap is beyond it, but for SecretBytes, which are locked.
void forbid_memory_dumps();

}  // namespace plmm::crypto

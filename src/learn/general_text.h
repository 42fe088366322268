// Texts and chats about nothing personal, on which a personal adapter must not make the model
// worse.
#pragma once

#include <vector>

#include "train/documents.h"

namespace plmm::learn {

/// Written for this program, in turn a text and a chat; a first pair sets the adapter's strength,
/// the next one tests it, and so on.
std::vector<train::Document> general_documents();

}  // namespace plmm::learn

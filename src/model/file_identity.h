// Which model file it is, told from all others without reading all of it.
#pragma once

#include "base/checksum.h"
#include "base/result.h"
#include "gguf/reader.h"

namespace plmm::model {

/// A checksum over the file's size and time of change, all of its metadata and tensor table, and a
/// page of each tensor. Programs that write a file change its time or its size; a file that was
/// copied over another one with both kept differs in its metadata or in one of some hundred pages.
/// To read all of it would cost as much as packing it. It is no proof against somebody who may
/// write the person's model files: he needs no such detour.
/// Errors: not_found, io; unsupported for bytes that are no file.
Result<Checksum> identify(const gguf::Reader& reader);

}  // namespace plmm::model

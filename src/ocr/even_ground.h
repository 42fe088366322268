// Makes dark ink on a white ground of whatever a picture has: dark screens, coloured bubbles,
// shadows.
#pragma once

#include "ocr/raster.h"

namespace plmm::ocr {

/// The picture with its ink dark and its ground white.
///   A screen or a clean scan is made of large even areas: these are ground, and what lies on one
///   is as dark as it differs from it, be it lighter or darker.
///   Elsewhere, as in a photo, each place is divided by how bright the paper is around it, and a
///   dark picture is inverted before.
Raster even_ground(const Raster& picture);

}  // namespace plmm::ocr

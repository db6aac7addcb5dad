// A network image as the driver takes it (driver/bru.h).
#pragma once

#include "driver/bru.h"
#include "machine/shape.hpp"
#include "model/network.hpp"
#include "platform/network_image.hpp"

namespace bru {

/// It points into `image`, which must stay. Every depth of the shape is resolved.
bru_image driver_image(const NetworkImage& image, const Shape& shape, const Network& network);

} // namespace bru

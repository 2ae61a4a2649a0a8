/* The kernels of kernel_body.inc for processors with AVX2. */
#define KERNEL_NAME avx2
#include "core/kernel_body.inc"

#include "base/banned.h"

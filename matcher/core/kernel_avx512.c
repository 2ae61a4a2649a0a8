/* The kernels of kernel_body.inc for processors with AVX-512 F, BW, DQ and VL. */
#define KERNEL_NAME avx512
#include "core/kernel_body.inc"

#include "base/banned.h"

/* The kernels of kernel_body.h for processors with AVX2. */
#define KERNEL_NAME avx2
#include "core/kernel_body.h"

#include "base/banned.h"

/* Sixteen floats, thirty-two halves: the few vector operations that the kernels are made of.
 *
 * Included by kernel_body.inc only, which is compiled once for each instruction set: with AVX-512,
 * with AVX2, and as plain C that any compiler takes. All three round alike (no fused multiply-add),
 * so the twins agree bit for bit; a test says so.
 *
 *   floats   16 lanes, f_<operation>      halves   32 lanes of uint16_t, h_<operation>
 *   u8_, u16_, u32_<test>   of 16 (u8_nonzero: 64) numbers in memory; lane i of a mask is its bit i
 */
#ifndef HAIHE_CORE_SIMD_H
#define HAIHE_CORE_SIMD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include "core/simd_avx512.h"
#elif defined(__AVX2__)
#include "core/simd_avx2.h"
#else
#include "core/simd_plain.h"
#endif

#include "core/simd_nibbles.h"

#endif

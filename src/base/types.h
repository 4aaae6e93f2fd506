/* SPDX-License-Identifier: BSD-2-Clause */
/* Integer types with the field's names, byte order, error pointers. */
#ifndef WEIR_BASE_TYPES_H
#define WEIR_BASE_TYPES_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <errno.h>
#include <assert.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* From the wire, in network byte order; sparse keeps them apart. */
typedef u16 __bitwise __be16;
typedef u32 __bitwise __be32;
typedef u16 __bitwise __sum16;
typedef u32 __bitwise __wsum;	/* unfolded partial checksum */

/* Nanoseconds of the platform's monotonic clock. KTIME_MAX: never. */
typedef s64 ktime_t;
#define KTIME_MAX	INT64_MAX
#define NSEC_PER_USEC	1000LL
#define NSEC_PER_MSEC	1000000LL
#define NSEC_PER_SEC	1000000000LL

static inline u16 ntohs_(__be16 v) { return __builtin_bswap16((__force u16)v); }
static inline u32 ntohl_(__be32 v) { return __builtin_bswap32((__force u32)v); }
#define be16_to_cpu(v)	ntohs_(v)
#define be32_to_cpu(v)	ntohl_(v)
#define cpu_to_be16(v)	((__force __be16)__builtin_bswap16((u16)(v)))
#define cpu_to_be32(v)	((__force __be32)__builtin_bswap32((u32)(v)))
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "weir is built for little-endian hosts");

static inline u16 get_unaligned_be16(const void *p)
{
	u16 v;
	memcpy(&v, p, 2);
	return __builtin_bswap16(v);
}

static inline u32 get_unaligned_be32(const void *p)
{
	u32 v;
	memcpy(&v, p, 4);
	return __builtin_bswap32(v);
}

static inline void put_unaligned_be16(u16 v, void *p)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, 2);
}

static inline void put_unaligned_be32(u32 v, void *p)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, 4);
}

#define MAX_ERRNO	4095
static inline void *ERR_PTR(long err) { return (void *)err; }
static inline long PTR_ERR(const void *p) { return (long)p; }
static inline bool IS_ERR(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)-MAX_ERRNO;
}
static inline bool IS_ERR_OR_NULL(const void *p) { return !p || IS_ERR(p); }

#endif
